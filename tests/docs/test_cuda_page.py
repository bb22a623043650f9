"""The tables of the page on CUDA kernels say what the kernels are."""

import re

import pytest

from minitf.kernels.cuda import toolkit

pytest.importorskip("greenlet")

from docs.generate_cuda import PAGE, TABLE, alike, parts

AGAIN = "run `make docs`"
TEXT = PAGE.read_text(encoding="utf-8")


def test_every_kernel_has_a_row():
    assert re.findall(r"^\| `(\S+)` \|", parts(TEXT)["kernels"], re.M) == sorted(toolkit.all_kernels()), AGAIN


def test_the_tables_are_up_to_date():
    """Where the tools are those that made the page; another version makes other machine code."""
    if not toolkit.is_installed():
        pytest.skip(toolkit.INSTALL)
    from docs.generate_cuda import page, versions

    if versions().strip() != parts(TEXT)["versions"].strip():
        pytest.skip("the page was made with other versions of CUDA's tools")
    assert page(TEXT) == TEXT, AGAIN


def test_what_is_written_by_hand_stays():
    assert "\n## Where is the CUDA kernel of conv2d?" in TABLE.sub("", TEXT) and len(parts(TEXT)) == 3


def test_a_row_is_kept_as_long_as_it_is_about_right():
    row = "| `product` | 256 | 53 / 55 | 8192 | 50% | registers | 552 / 602 | 65% / 55% |\n"
    assert alike(row, row.replace("53 / 55", "55").replace("552 / 602", "550 / 589"))
    assert not alike(row, row.replace("53 / 55", "53 / 70"))
    assert not alike(row, row.replace("registers", "warps"))
    assert not alike("", row)
