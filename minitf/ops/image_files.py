"""Pictures from and to the bytes of PNG, JPEG, GIF and BMP files, by way of Pillow."""

import io

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.ops.examples import array, example
from minitf.ops.op import Op


def _open(op, contents):
    from PIL import Image  # an import of its own: most programs read no pictures

    data = contents.item() if isinstance(contents, np.ndarray) else contents
    try:
        picture = Image.open(io.BytesIO(data))
        picture.load()
        return picture
    except (OSError, SyntaxError, ValueError) as error:
        raise errors.InvalidArgumentError(None, op, f"Unable to decode bytes as a picture: {error}") from error


_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def _pixels(op, picture, channels, dtype=np.uint8):
    """The picture as (height, width, channels); 0 channels means as many as the file has."""
    if not channels:
        own = picture.mode
        channels = 4 if "transparency" in picture.info and own == "P" else len(picture.getbands())
        channels = 3 if own in ("P", "YCbCr", "CMYK") and channels != 4 else channels
    if picture.mode.startswith("I"):
        wide = np.asarray(picture).astype(np.uint16)[..., None]
        wide = np.repeat(wide, channels, -1) if channels in (1, 3) else wide
        return wide if dtype == np.uint16 else (wide >> 8).astype(np.uint8)
    if picture.mode not in ("RGB", "RGBA", "L", "LA"):
        picture = picture.convert("RGBA" if channels in (2, 4) else "RGB")
    pixels = np.asarray(picture.convert(_MODES[channels]))
    pixels = pixels.reshape(*pixels.shape[:2], channels)
    return pixels if dtype == np.uint8 else pixels.astype(np.uint16) * 257


class _Decode(Op):
    inputs = {"contents": "string"}
    attrs = {"channels": 0, "dtype": dtypes.uint8}
    foldable = False

    def infer(op, contents):
        contents.shape.with_rank(0)
        return [(TensorShape([None, None, op.attrs["channels"] or None]), op.attrs["dtype"])]

    def numpy(op, contents):
        return _pixels(op, _open(op, contents), op.attrs["channels"], op.attrs["dtype"].as_numpy_dtype)

    gradient = None


class DecodePng(_Decode):
    """The pixels of a PNG file."""


class DecodeJpeg(_Decode):
    """The pixels of a JPEG file; `ratio` makes it that many times smaller."""

    attrs = {"channels": 0, "ratio": 1, "fancy_upscaling": True, "try_recover_truncated": False,
             "acceptable_fraction": 1.0, "dct_method": "", "dtype": dtypes.uint8}  # fmt: skip

    def numpy(op, contents):
        picture, ratio = _open(op, contents), op.attrs["ratio"]
        if ratio != 1:
            picture = picture.resize([-(-n // ratio) for n in picture.size], reducing_gap=None)
        return _pixels(op, picture, op.attrs["channels"])


class DecodeBmp(_Decode):
    """The pixels of a BMP file."""


class DecodeGif(Op):
    """The frames of a GIF file: (frames, height, width, 3)."""

    inputs = {"contents": "string"}
    foldable = False

    def infer(op, contents):
        return [(TensorShape([None, None, None, 3]), dtypes.uint8)]

    def numpy(op, contents):
        return _frames(_open(op, contents))

    gradient = None


def _frames(picture):
    from PIL import ImageSequence

    return np.stack([np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(picture)])


class DecodeImage(Op):
    """The pixels of a PNG, JPEG, BMP or GIF file; a GIF gives all its frames."""

    inputs = {"contents": "string"}
    attrs = {"channels": 0, "dtype": dtypes.uint8, "expand_animations": True}
    foldable = False

    def infer(op, contents):
        return [(TensorShape(None), op.attrs["dtype"])]

    def numpy(op, contents):
        picture = _open(op, contents)
        if picture.format == "GIF":
            frames = _frames(picture)
            return frames if op.attrs["expand_animations"] else frames[0]
        kind = op.attrs["dtype"].as_numpy_dtype
        if np.dtype(kind).kind == "f":
            return _pixels(op, picture, op.attrs["channels"]).astype(kind) / np.asarray(255, kind)
        return _pixels(op, picture, op.attrs["channels"], kind)

    gradient = None


class _Encode(Op):
    foldable = False

    def infer(op, image):
        shape = image.shape.with_rank(3)
        if shape.sizes[-1] is not None and shape.sizes[-1] not in _MODES:
            raise ValueError(f"image must have 1, 2, 3, or 4 channels, got {shape.sizes[-1]}")
        return [(TensorShape([]), dtypes.string)]

    gradient = None


class EncodePng(_Encode):
    """The bytes of a PNG file."""

    inputs = {"image": "T"}
    types = {"T": ("uint8", "uint16")}
    attrs = {"compression": -1}
    examples = [example(array(np.arange(24, dtype=np.uint8).reshape(4, 2, 3)), dtypes=("uint8",))]

    def numpy(op, image):
        return _encoded(image, "PNG", compress_level=6 if op.attrs["compression"] < 0 else op.attrs["compression"])


class EncodeJpeg(_Encode):
    """The bytes of a JPEG file of `quality` 0 to 100."""

    inputs = {"image": "uint8"}
    attrs = {"format": "", "quality": 95, "progressive": False, "optimize_size": False, "chroma_downsampling": True,
             "density_unit": "in", "x_density": 300, "y_density": 300, "xmp_metadata": ""}  # fmt: skip
    examples = [example(array(np.arange(24, dtype=np.uint8).reshape(4, 2, 3)))]

    def numpy(op, image):
        a = op.attrs
        return _encoded(image, "JPEG", quality=max(1, a["quality"]), progressive=a["progressive"],
                        optimize=a["optimize_size"], subsampling=2 if a["chroma_downsampling"] else 0,
                        dpi=(a["x_density"], a["y_density"]))  # fmt: skip


def _encoded(image, kind, **options):
    from PIL import Image

    pixels = image[..., 0] if image.shape[-1] == 1 else image
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    out = np.empty((), object)
    out[()] = file.getvalue()
    return out


def decode_png(contents, channels=0, dtype=dtypes.uint8, name=None):
    """tf.image.decode_png: (height, width, channels) from a PNG file's bytes; 0 channels: as in the file."""
    return DecodePng.apply(contents, channels=channels, dtype=dtypes.as_dtype(dtype), name=name)


def decode_jpeg(contents, channels=0, ratio=1, fancy_upscaling=True, try_recover_truncated=False,
                acceptable_fraction=1, dct_method="", name=None):  # fmt: skip
    """tf.image.decode_jpeg: (height, width, channels) from a JPEG file's bytes; 0 channels: as in the file."""
    return DecodeJpeg.apply(contents, channels=channels, ratio=ratio, fancy_upscaling=fancy_upscaling,
                            try_recover_truncated=try_recover_truncated, dct_method=dct_method,
                            acceptable_fraction=float(acceptable_fraction), name=name)  # fmt: skip


def decode_bmp(contents, channels=0, name=None):
    """tf.image.decode_bmp: (height, width, channels) from a BMP file's bytes."""
    return DecodeBmp.apply(contents, channels=channels, name=name)


def decode_gif(contents, name=None):
    """tf.image.decode_gif: (frames, height, width, 3) from a GIF file's bytes."""
    return DecodeGif.apply(contents, name=name)


def decode_image(contents, channels=None, dtype=dtypes.uint8, name=None, expand_animations=True):
    """tf.image.decode_image: the pixels of a file of any of these kinds; `dtype` as `convert_image_dtype`."""
    with name_scope(name, "decode_image"):
        return DecodeImage.apply(contents, channels=channels or 0, dtype=dtypes.as_dtype(dtype),
                                 expand_animations=expand_animations)  # fmt: skip


def encode_png(image, compression=-1, name=None):
    """tf.image.encode_png: a PNG file's bytes of a picture of uint8 or uint16."""
    return EncodePng.apply(image, compression=compression, name=name)


def encode_jpeg(image, format="", quality=95, progressive=False, optimize_size=False, chroma_downsampling=True,
                density_unit="in", x_density=300, y_density=300, xmp_metadata="", name=None):  # fmt: skip
    """tf.image.encode_jpeg: a JPEG file's bytes of a picture of uint8."""
    return EncodeJpeg.apply(image, format=format, quality=quality, progressive=progressive, name=name,
                            optimize_size=optimize_size, chroma_downsampling=chroma_downsampling,
                            density_unit=density_unit, x_density=x_density, y_density=y_density,
                            xmp_metadata=xmp_metadata)  # fmt: skip


def is_jpeg(contents, name=None):
    """tf.image.is_jpeg: whether the bytes begin as a JPEG file does."""
    from minitf.ops.comparison import equal
    from minitf.ops.strings import substr

    with name_scope(name, "is_jpeg"):
        return equal(substr(contents, 0, 3), b"\xff\xd8\xff", name=name)
