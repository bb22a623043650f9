"""The parts of an array that a view draws."""

import numpy as np
import pytest

from minitf.observe import tiles
from minitf.observe.values import summary


def read(head, content):
    (top, bottom), (left, right) = head["rows"], head["columns"]
    return np.frombuffer(content, np.dtype(head["type"])).reshape(bottom - top, right - left)


@pytest.mark.parametrize("shape", [(), (5,), (4, 5), (3, 4, 5), (2, 3, 4, 5)])
def test_any_rank_is_a_stack_of_tables(shape):
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(np.int32)
    lead = [n - 1 for n in shape[:-2]]
    table = read(*tiles.tile(array, lead, (0, 99), (0, 99)))
    assert np.array_equal(table.ravel(), array[tuple(lead)].ravel())


def test_a_tile_is_cut_to_the_table():
    array = np.arange(20.0).reshape(4, 5)
    head, content = tiles.tile(array, [], (2, 9), (-1, 2))
    assert head == {"lead": [], "rows": [2, 4], "columns": [0, 2], "type": "float64"}
    assert np.array_equal(read(head, content), array[2:4, 0:2])
    assert tiles.tile(array, [], (9, 12), (0, 1))[0]["rows"] == [4, 4]


def test_a_tile_has_a_largest_size():
    with pytest.raises(ValueError, match="8192"):
        tiles.tile(np.zeros((1000, 1000)), [], (0, 1000), (0, 1000))


def test_halves_and_booleans_travel_as_what_a_browser_knows():
    assert tiles.tile(np.zeros((1, 2), np.float16), [], (0, 1), (0, 2))[0]["type"] == "float32"
    assert tiles.tile(np.zeros((1, 2), bool), [], (0, 1), (0, 2))[0]["type"] == "uint8"


def test_strings_and_complex_numbers_are_text():
    head, content = tiles.tile(np.array([b"caf\xc3\xa9", "x" * 200], object), [], (0, 2), (0, 1))
    assert head["text"] == ["café", "x" * 79 + "…"] and content == b""
    assert tiles.tile(np.array([1 + 2j]), [], (0, 1), (0, 1))[0]["text"] == ["(1+2j)"]


def kind(array, asked=None):
    return tiles.kind_of(array, summary(array), asked)


def test_images_are_recognised():
    generator = np.random.default_rng(0)
    assert kind(generator.integers(0, 255, (2, 16, 20, 3), dtype=np.uint8)) == "image"
    assert kind(generator.random((5, 28, 28))) == "image"
    assert kind(generator.normal(size=(5, 28, 28))) == "table"
    assert kind(generator.random((64, 10))) == "table"
    assert kind(np.array([b"a"], object)) == "text"
    assert kind(np.zeros(100), "audio") == "audio"


@pytest.mark.parametrize(("array", "asked"), [(np.zeros(3), "image"), (np.zeros(()), "audio"), (np.zeros(3), "tree")])
def test_a_kind_that_cannot_be(array, asked):
    with pytest.raises(ValueError):
        kind(array, asked)


def test_facets_lie_along_the_last_leading_axis():
    found = tiles.pictures(np.random.default_rng(0).random((2, 30, 9, 9)), "table", [1, 25])
    assert [head["index"] for head, _ in found] == [[1, i] for i in range(25, 30)]


def test_a_picture_keeps_its_bytes():
    photo = np.random.default_rng(0).integers(0, 255, (9, 7, 3), dtype=np.uint8)
    ((head, content),) = tiles.pictures(photo, "image", [])
    assert (head["height"], head["width"], head["channels"]) == (9, 7, 3)
    assert content == photo.tobytes()


def test_a_large_table_is_averaged_and_nan_stays_visible():
    table = np.ones((200, 300))
    table[7, 7] = np.nan
    table[100:, :] = 3
    ((head, content),) = tiles.pictures(table, "table", [])
    levels = np.frombuffer(content, np.uint8).reshape(head["height"], head["width"])
    assert max(levels.shape) <= 64 and (head["low"], head["high"]) == (1, 3)
    assert levels[0, 0] == 0 and levels[-1, 0] == 254 and (levels == 255).sum() == 1


def test_a_sound_is_a_wav_file():
    wave = np.sin(np.arange(800) / 10)
    content = tiles.sound(wave, 8000)
    assert content[:4] == b"RIFF" and len(content) == 44 + 1600
    assert len(tiles.sound(np.zeros((4, 800)), 8000)) == 44 + 1600
    assert tiles.sound(np.array([np.iinfo(np.int16).max], np.int16), 8000)[-2:] == b"\xff\x7f"
