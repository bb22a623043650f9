"""`tensorflow.examples.tutorials.mnist.input_data` without a download.

The user's own MNIST files are read if the folder has them. Otherwise scikit-learn's handwritten digits (1,797
real images of 8 x 8 points) are enlarged to MNIST's 28 x 28 and a notice says so: programs run as they are,
on less data than their authors had.

Source: TensorFlow 1's documented behaviour of `read_data_sets` and `DataSet.next_batch`; file format:
Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
"""

import gzip
import sys
from collections import namedtuple
from pathlib import Path

import numpy as np

Datasets = namedtuple("Datasets", ["train", "validation", "test"])

SIDE = 28
CLASSES = 10
FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
DIGITS_TEST, DIGITS_VALIDATION = 400, 97  # of 1,797; the rest trains


class DataSet:
    """Images with their labels, served in batches.

    Args:
        images: `(count, 28, 28, 1)` uint8, or float in [0, 1].
        labels: `(count,)` class numbers or `(count, 10)` one-hot.
        dtype: `float32` scales the points 0..255 to 0..1; `uint8` leaves them.
        reshape: whether to flatten the images to `(count, 784)`.
        seed: makes the order of the batches repeatable; without it NumPy's global generator decides.
    """

    def __init__(
        self, images, labels, fake_data=False, one_hot=False, dtype="float32", reshape=True, seed=None
    ):  # fmt: skip
        del fake_data, one_hot  # the labels given are already in their final form
        if len(images) != len(labels):
            raise ValueError(f"{len(images)} images, but {len(labels)} labels")
        kind = np.dtype(getattr(dtype, "as_numpy_dtype", dtype))
        if kind not in (np.float32, np.uint8):
            raise TypeError(f"dtype must be float32 or uint8, not {dtype!r}")
        images = np.asarray(images)
        if reshape:
            images = images.reshape(len(images), SIDE * SIDE)  # (count, 784)
        if kind == np.float32 and images.dtype == np.uint8:
            images = images.astype(np.float32) * np.float32(1 / 255)
        self._images, self._labels = images, np.asarray(labels)
        self._random = np.random if seed is None else np.random.RandomState(seed)
        self._start = 0
        self._epochs_completed = 0

    @property
    def images(self):
        """All images, in the order in which the present epoch serves them."""
        return self._images

    @property
    def labels(self):
        """All labels, in the same order as `images`."""
        return self._labels

    @property
    def num_examples(self):
        """How many images there are."""
        return len(self._images)

    @property
    def epochs_completed(self):
        """How often every image has been served."""
        return self._epochs_completed

    def next_batch(self, batch_size, fake_data=False, shuffle=True):
        """The next `batch_size` images and labels.

        Each epoch serves every example once, in a new random order if `shuffle`. A batch that reaches the end
        of an epoch is filled up from the beginning of the next, with one whole epoch of that at most.
        """
        del fake_data
        if shuffle and self._epochs_completed == 0 and self._start == 0:
            self._shuffle()
        start, end = self._start, self._start + batch_size
        if end <= self.num_examples:
            self._start = end
            return self._images[start:end], self._labels[start:end]
        rest = self._images[start:], self._labels[start:]
        self._epochs_completed += 1
        if shuffle:
            self._shuffle()
        self._start = batch_size - len(rest[0])
        return (
            np.concatenate([rest[0], self._images[: self._start]]),
            np.concatenate([rest[1], self._labels[: self._start]]),
        )

    def _shuffle(self):
        order = self._random.permutation(self.num_examples)
        self._images, self._labels = self._images[order], self._labels[order]


def read_data_sets(
    train_dir, fake_data=False, one_hot=False, dtype="float32", reshape=True, validation_size=None, seed=None,
    source_url=None,
):  # fmt: skip
    """MNIST from the files in `train_dir`, or scikit-learn's digits enlarged to 28 x 28.

    Args:
        train_dir: folder with the four MNIST files (`train-images-idx3-ubyte`, ...), plain or `.gz`.
        one_hot: labels as rows of ten instead of class numbers.
        dtype: `float32` for points in [0, 1], `uint8` for 0..255.
        reshape: whether an image is a row of 784 instead of `(28, 28, 1)`.
        validation_size: how many training images to set aside; 5000 of MNIST, 97 of the digits, unless told.
        seed: makes the order of the batches repeatable.
        source_url: accepted and not used, nothing is downloaded.

    Returns:
        `Datasets(train, validation, test)`, each a `DataSet`.

    Raises:
        ValueError: a file is no MNIST file, or `validation_size` exceeds the training images.
        NotImplementedError: `fake_data`.
    """
    del source_url
    if fake_data:
        raise NotImplementedError("minitf serves real digits only: fake_data=True has no meaning here")
    files = _mnist_files(Path(train_dir))
    train, test, default_size = _read_mnist(files) if files else _enlarged_digits(train_dir)
    size = default_size if validation_size is None else validation_size
    if not 0 <= size <= len(train[0]):
        raise ValueError(f"validation_size should be between 0 and {len(train[0])}, not {size}")
    sets = []
    for images, labels in [(train[0][size:], train[1][size:]), (train[0][:size], train[1][:size]), test]:
        labels = dense_to_one_hot(labels, CLASSES) if one_hot else labels
        sets.append(DataSet(images, labels, dtype=dtype, reshape=reshape, seed=seed))
    return Datasets(*sets)


def load_mnist(train_dir="MNIST-data"):
    """`read_data_sets` with its defaults, under the name that `tf.contrib.learn` gave it."""
    return read_data_sets(train_dir)


def dense_to_one_hot(labels_dense, num_classes):
    """Rows with a single 1.0: `(count,)` class numbers to `(count, num_classes)` float64."""
    return np.eye(num_classes)[np.asarray(labels_dense, dtype=np.intp)]


def _mnist_files(folder):
    """The four files, or None where one is absent."""
    found = {}
    for part, names in FILES.items():
        for name in names:
            candidates = [folder / name, folder / f"{name}.gz", folder / name.replace("-idx", ".idx")]
            present = [path for path in candidates if path.is_file()]
            if not present:
                return None
            found.setdefault(part, []).append(present[0])
    return found


def _read_mnist(files):
    sets = {}
    for part, (images, labels) in files.items():
        sets[part] = _read_idx(images, dimensions=3)[..., np.newaxis], _read_idx(labels, dimensions=1)
    return sets["train"], sets["test"], 5000


def _read_idx(path, dimensions):
    """An IDX file of bytes: 0, 0, type 8, number of dimensions, sizes as big-endian int32, the bytes."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if raw[:4] != bytes([0, 0, 8, dimensions]):
        raise ValueError(f"{path} is no IDX file of bytes with {dimensions} dimension(s)")
    shape = np.frombuffer(raw, ">i4", count=dimensions, offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def _enlarged_digits(folder):
    """Scikit-learn's digits as MNIST shows its own: 20 x 20 points of ink in a frame 4 wide."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise ImportError(
            f"no MNIST files in {folder!r}; scikit-learn, whose digits would serve instead, is not installed"
        ) from None
    print(
        f"minitf: no MNIST files in {folder!r}; serving scikit-learn's 1,797 real handwritten digits,"
        " enlarged from 8x8 to 28x28, instead of 70,000. Accuracies differ from those on MNIST.",
        file=sys.stderr,
    )
    digits = load_digits()
    order = np.random.RandomState(0).permutation(len(digits.images))  # the writers are in groups: mix them
    images, labels = enlarge(digits.images[order] / 16), digits.target[order].astype(np.uint8)
    train, test = slice(DIGITS_TEST, None), slice(0, DIGITS_TEST)
    return (images[train], labels[train]), (images[test], labels[test]), DIGITS_VALIDATION


def enlarge(images):
    """`(count, 8, 8)` in [0, 1] to `(count, 28, 28, 1)` uint8: bilinear to 20 x 20, then an empty frame."""
    side, frame = 20, (SIDE - 20) // 2
    position = np.clip((np.arange(side) + 0.5) * images.shape[1] / side - 0.5, 0, images.shape[1] - 1)
    low = np.minimum(position.astype(int), images.shape[1] - 2)
    weights = np.zeros((side, images.shape[1]))  # (20, 8): each row blends two neighbours
    weights[np.arange(side), low] = 1 - (position - low)
    weights[np.arange(side), low + 1] = position - low
    large = weights @ images @ weights.T  # (count, 20, 20)
    framed = np.pad(large, [(0, 0), (frame, frame), (frame, frame)])
    return np.round(255 * framed).astype(np.uint8)[..., np.newaxis]
