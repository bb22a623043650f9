"""The table of operations says what the classes say."""

from docs.generate_ops import PAGE, page, row
from minitf.ops.matmul import MatMul
from minitf.ops.variables import VariableV2


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_a_row_is_asked_of_the_class():
    assert row(MatMul).endswith("| yes | kernel |\n")
    assert row(VariableV2).endswith("| none | engine |\n")
