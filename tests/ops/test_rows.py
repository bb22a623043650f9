"""Lists whose elements lie one after another."""

import numpy as np

from minitf.ops.rows import Rows, as_rows, in_order, kind_of

BLOCK = np.arange(6, dtype=np.float32).reshape(3, 2)


def test_rows_are_a_list():
    rows = Rows(BLOCK, np.array([1, 0, 1]))
    assert isinstance(rows, tuple) and len(rows) == 3 and rows[1] is None and rows[2].tolist() == [4, 5]
    assert not rows.whole() and Rows(BLOCK).whole()
    numbers = Rows(np.arange(2))
    assert all(isinstance(n, np.ndarray) and n.shape == () for n in numbers)


def test_the_kind_of_what_a_list_holds():
    one = np.zeros(2, np.float32)
    assert kind_of(Rows(BLOCK)) == ((2,), np.float32) == kind_of((None, one, one))
    assert kind_of((None, None)) == (None, None) == kind_of(())
    assert kind_of((one, np.zeros(3, np.float32))) is None
    assert kind_of((one, np.zeros(2))) is None
    assert kind_of(((one,), (one,))) is None


def test_a_list_becomes_rows():
    found = as_rows((BLOCK[2], None), (2,), np.float32)
    assert found[0].tolist() == [4, 5] and found[1] is None and found.there.tolist() == [1, 0]
    assert as_rows(found, (2,), np.float32) is found


def test_indices_in_order():
    assert in_order(np.array([0, 1, 2]), 3)
    assert not in_order(np.array([0, 1]), 3) and not in_order(np.array([0, 2, 1]), 3)
