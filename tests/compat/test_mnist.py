"""`read_data_sets`: the user's files, or real digits with a notice."""

import gzip

import numpy as np
import pytest

from minitf.compat import mnist


def idx(array):
    """An array of bytes as an IDX file."""
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes() + array.tobytes()


@pytest.fixture
def folder(tmp_path):
    """A folder with the four MNIST files: 12 training and 5 test images, the images packed."""
    for (images, labels), count in zip(mnist.FILES.values(), (12, 5), strict=True):
        pixels = np.arange(count * 784).astype(np.uint8).reshape(count, 28, 28)
        (tmp_path / f"{images}.gz").write_bytes(gzip.compress(idx(pixels)))
        (tmp_path / labels).write_bytes(idx(np.arange(count).astype(np.uint8) % 10))
    return tmp_path


def test_own_files(folder, capsys):
    """Files that are there are read, without a notice."""
    data = mnist.read_data_sets(str(folder), validation_size=4)
    assert [part.num_examples for part in data] == [8, 4, 5]
    assert data.test.images.shape == (5, 784)
    assert data.test.images.dtype == np.float32
    np.testing.assert_allclose(data.test.images[0][:3], np.arange(3) / 255, rtol=1e-6)
    assert data.validation.labels.tolist() == [0, 1, 2, 3]
    assert capsys.readouterr().err == ""


def test_forms(folder):
    """One-hot labels, unscaled bytes, images that are not flattened."""
    data = mnist.read_data_sets(str(folder), one_hot=True, dtype="uint8", reshape=False, validation_size=0)
    assert data.train.images.shape == (12, 28, 28, 1)
    assert data.train.images.dtype == np.uint8
    assert data.test.labels.argmax(axis=1).tolist() == [0, 1, 2, 3, 4]


def test_not_mnist(folder):
    """A file of another kind is refused by name."""
    (folder / "t10k-labels-idx1-ubyte").write_bytes(b"something else")
    with pytest.raises(ValueError, match="t10k-labels-idx1-ubyte is no IDX file"):
        mnist.read_data_sets(str(folder))


def test_digits_instead(tmp_path, capsys):
    """Without files: scikit-learn's digits, and it is said."""
    pytest.importorskip("sklearn")
    data = mnist.read_data_sets(str(tmp_path))
    assert [part.num_examples for part in data] == [1300, 97, 400]
    assert data.train.images.shape == (1300, 784)
    assert 0.0 <= data.train.images.min() < data.train.images.max() <= 1.0
    assert set(data.test.labels.tolist()) == set(range(10))
    assert "1,797 real handwritten digits" in capsys.readouterr().err


def test_batches_cover_an_epoch(folder):
    """Every example once an epoch; a batch goes on into the next epoch; a seed repeats the order."""
    train = mnist.read_data_sets(str(folder), validation_size=0, seed=3).train
    labels = [train.next_batch(5)[1] for _ in range(3)]
    assert train.epochs_completed == 1
    seen = np.concatenate(labels)
    assert sorted(seen[:12].tolist()) == sorted(np.arange(12) % 10)
    again = mnist.read_data_sets(str(folder), validation_size=0, seed=3).train
    assert again.next_batch(5)[1].tolist() == labels[0].tolist()


def test_images_stay_with_their_labels(folder):
    """Shuffling moves both."""
    train = mnist.read_data_sets(str(folder), validation_size=0, dtype="uint8").train
    pairs = {image[0]: label for image, label in zip(train.images, train.labels, strict=True)}
    images, labels = train.next_batch(12)
    assert all(pairs[image[0]] == label for image, label in zip(images, labels, strict=True))


def test_unshuffled(folder):
    """`shuffle=False` serves them as they stand."""
    train = mnist.read_data_sets(str(folder), validation_size=0).train
    assert train.next_batch(4, shuffle=False)[1].tolist() == [0, 1, 2, 3]
    assert train.next_batch(4, shuffle=False)[1].tolist() == [4, 5, 6, 7]


def test_batch_larger_than_the_data(folder):
    """The rest of this epoch and one whole epoch more, at most."""
    test = mnist.read_data_sets(str(folder), validation_size=0).test
    assert len(test.next_batch(13)[0]) == 10
