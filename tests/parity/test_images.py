"""tf.image against TensorFlow."""

import numpy as np
import pytest

from tests.parity.compare import check, check_error
from tests.parity.test_shapes import gradient, run

generator = np.random.default_rng(4)
PICTURE = generator.uniform(0, 1, (5, 6, 3)).astype(np.float32)
BATCH = generator.uniform(0, 1, (2, 5, 6, 3)).astype(np.float32)
BYTES = generator.integers(0, 256, (5, 6, 3), dtype=np.uint8)
LARGE = generator.uniform(0, 1, (2, 32, 32, 3)).astype(np.float32)

RESIZES = {
    "bilinear": lambda tf, x: tf.image.resize_images(x, [8, 3]),
    "bilinear_aligned": lambda tf, x: tf.image.resize_images(x, [9, 4], align_corners=True),
    "bilinear_half": lambda tf, x: tf.image.resize_bilinear(_batch(tf, x), [8, 3], half_pixel_centers=True),
    "nearest": lambda tf, x: tf.image.resize_images(x, [8, 3], tf.image.ResizeMethod.NEAREST_NEIGHBOR),
    "nearest_aligned": lambda tf, x: tf.image.resize_nearest_neighbor(_batch(tf, x), [9, 4], align_corners=True),
    "nearest_half": lambda tf, x: tf.image.resize_nearest_neighbor(_batch(tf, x), [9, 4], half_pixel_centers=True),
    "bicubic": lambda tf, x: tf.image.resize_images(x, [8, 3], tf.image.ResizeMethod.BICUBIC),
    "bicubic_aligned": lambda tf, x: tf.image.resize_bicubic(_batch(tf, x), [9, 11], align_corners=True),
    "bicubic_half": lambda tf, x: tf.image.resize_bicubic(_batch(tf, x), [9, 11], half_pixel_centers=True),
    "area": lambda tf, x: tf.image.resize_images(x, [3, 4], tf.image.ResizeMethod.AREA),
    "area_larger": lambda tf, x: tf.image.resize_area(_batch(tf, x), [7, 9]),
    "same_size": lambda tf, x: tf.image.resize_images(x, [5, 6]),
    "same_ratio": lambda tf, x: tf.image.resize_images(x, [3, 6], preserve_aspect_ratio=True),
    "with_pad": lambda tf, x: tf.image.resize_image_with_pad(x, 8, 8),
}


def _batch(tf, x):
    return x if x.shape.ndims == 4 else tf.expand_dims(x, 0)


@pytest.mark.parametrize("name", RESIZES)
@pytest.mark.parametrize("picture", [PICTURE, BATCH, BYTES], ids=["picture", "batch", "bytes"])
def test_resize(name, picture):
    run(RESIZES[name], picture, names=name not in ("same_ratio", "with_pad"), rtol=1e-5, atol=2e-6 * picture.max())


@pytest.mark.parametrize("name", [n for n in RESIZES if "area" not in n and n != "same_size"])
def test_gradient_of_resize(name):
    gradient(RESIZES[name], BATCH, names=False, atol=2e-5)


GEOMETRY = {
    "flip_left_right": lambda tf, x: tf.image.flip_left_right(x),
    "flip_up_down": lambda tf, x: tf.image.flip_up_down(x),
    "transpose": lambda tf, x: tf.image.transpose_image(x),
    "central_crop": lambda tf, x: tf.image.central_crop(x, 0.5),
    "central_crop_whole": lambda tf, x: tf.image.central_crop(x, 1.0),
    "crop": lambda tf, x: tf.image.crop_to_bounding_box(x, 1, 2, 3, 3),
    "pad": lambda tf, x: tf.image.pad_to_bounding_box(x, 1, 2, 8, 9),
    "crop_or_pad": lambda tf, x: tf.image.resize_image_with_crop_or_pad(x, 3, 9),
    "crop_both": lambda tf, x: tf.image.resize_image_with_crop_or_pad(x, 2, 3),
    "pad_both": lambda tf, x: tf.image.resize_image_with_crop_or_pad(x, 8, 11),
    "rot90": lambda tf, x: tf.image.rot90(x),
    "rot180": lambda tf, x: tf.image.rot90(x, 2),
    "rot270": lambda tf, x: tf.image.rot90(x, k=3),
}


@pytest.mark.parametrize("name", GEOMETRY)
@pytest.mark.parametrize("picture", [PICTURE, BATCH, BYTES], ids=["picture", "batch", "bytes"])
def test_geometry(name, picture):
    run(GEOMETRY[name], picture, names=name in ("flip_left_right", "flip_up_down", "transpose", "crop", "pad"))


@pytest.mark.parametrize("name", ["central_crop", "crop", "pad", "crop_or_pad"])
def test_geometry_of_unknown_size(name):
    def program(tf):
        x = tf.placeholder(tf.float32, [None, None, 3])
        return GEOMETRY[name](tf, x), {x: PICTURE}

    check(program)


COLORS = {
    "brightness": lambda tf, x: tf.image.adjust_brightness(x, 0.1),
    "contrast": lambda tf, x: tf.image.adjust_contrast(x, 1.7),
    "gamma": lambda tf, x: tf.image.adjust_gamma(x, 0.5, 2),
    "hue": lambda tf, x: tf.image.adjust_hue(x, 0.3),
    "hue_back": lambda tf, x: tf.image.adjust_hue(x, -0.4),
    "saturation": lambda tf, x: tf.image.adjust_saturation(x, 0.5),
    "saturation_more": lambda tf, x: tf.image.adjust_saturation(x, 3.0),
    "grey": lambda tf, x: tf.image.rgb_to_grayscale(x),
    "from_grey": lambda tf, x: tf.image.grayscale_to_rgb(x[..., :1]),
    "standardization": lambda tf, x: tf.image.per_image_standardization(x),
    "to_float": lambda tf, x: tf.image.convert_image_dtype(x, tf.float32),
    "to_uint8": lambda tf, x: tf.image.convert_image_dtype(x, tf.uint8),
    "to_int16": lambda tf, x: tf.image.convert_image_dtype(x, tf.int16, saturate=True),
}
FLOATS_ONLY = {
    "hsv": lambda tf, x: tf.image.rgb_to_hsv(x),
    "from_hsv": lambda tf, x: tf.image.hsv_to_rgb(x),
    "yiq": lambda tf, x: tf.image.rgb_to_yiq(x),
    "from_yiq": lambda tf, x: tf.image.yiq_to_rgb(x),
    "yuv": lambda tf, x: tf.image.rgb_to_yuv(x),
    "from_yuv": lambda tf, x: tf.image.yuv_to_rgb(x),
}


@pytest.mark.parametrize("name", COLORS)
@pytest.mark.parametrize("picture", [PICTURE, BATCH, BYTES], ids=["picture", "batch", "bytes"])
def test_colors(name, picture):
    run(COLORS[name], picture, names=False, rtol=1e-4)


@pytest.mark.parametrize("name", FLOATS_ONLY)
def test_color_spaces(name):
    run(FLOATS_ONLY[name], PICTURE, names=False, rtol=1e-4)


CHANCE = {
    "flip": lambda tf, x: tf.image.random_flip_left_right(x, seed=5),
    "flip_up": lambda tf, x: tf.image.random_flip_up_down(x, seed=6),
    "brightness": lambda tf, x: tf.image.random_brightness(x, 0.2, seed=5),
    "contrast": lambda tf, x: tf.image.random_contrast(x, 0.2, 1.8, seed=5),
    "hue": lambda tf, x: tf.image.random_hue(x, 0.2, seed=5),
    "saturation": lambda tf, x: tf.image.random_saturation(x, 0.2, 1.8, seed=5),
}


@pytest.mark.parametrize("name", CHANCE)
@pytest.mark.parametrize("steps", [1, 4])
def test_by_chance(name, steps):
    run(CHANCE[name], PICTURE, names=False, rtol=1e-4, steps=steps, graph_seed=7)


@pytest.mark.parametrize("name", ["flip", "flip_up"])
def test_flips_of_a_batch(name):
    run(CHANCE[name], BATCH, names=False, graph_seed=7)


QUALITY = {
    "total_variation": lambda tf, x: tf.image.total_variation(x),
    "total_variation_of_one": lambda tf, x: tf.image.total_variation(x[0]),
    "psnr": lambda tf, x: tf.image.psnr(x, x[..., ::-1], 1.0),
    "ssim": lambda tf, x: tf.image.ssim(x, x * 0.9 + 0.02, 1.0),
    "sobel": lambda tf, x: tf.image.sobel_edges(x),
    "gradients": lambda tf, x: tf.image.image_gradients(x),
    "patches": lambda tf, x: tf.extract_image_patches(x, [1, 5, 4, 1], [1, 7, 6, 1], [1, 2, 1, 1], "VALID"),
    "crops": lambda tf, x: tf.image.crop_and_resize(
        x, [[0.1, 0.2, 0.7, 0.9], [0, 0, 1, 1], [0.5, -0.2, 1.3, 0.4]], [0, 1, 1], [4, 5], extrapolation_value=0.5
    ),
    "crops_nearest": lambda tf, x: tf.image.crop_and_resize(x, [[0.9, 0.8, 0.1, 0.2]], [0], [4, 5], method="nearest"),
    "suppression": lambda tf, x: tf.image.non_max_suppression(
        tf.reshape(x, [-1, 4])[:40] * [[1.0, 1.0, 2.0, 2.0]], tf.reshape(x, [-1])[100:140], 10, 0.3
    ),
}


@pytest.mark.parametrize("name", QUALITY)
def test_quality_and_patches(name):
    run(QUALITY[name], LARGE, names=False, rtol=1e-4)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_files(channels):
    pixels = generator.integers(0, 256, (7, 5, channels), dtype=np.uint8)
    run(lambda tf, x: tf.image.decode_png(tf.image.encode_png(x)), pixels)
    wanted = 3 if channels < 4 else 4
    run(lambda tf, x: tf.image.decode_image(tf.image.encode_png(x), channels=wanted), pixels, names=False)


def test_jpeg_files():
    """Two decoders of JPEG may differ by a little in every pixel."""
    smooth = (np.add.outer(np.arange(16), np.arange(24))[..., None] * np.array([3, 5, 2])).astype(np.uint8)

    def program(tf):
        decoded = tf.image.decode_jpeg(tf.image.encode_jpeg(smooth, quality=100, chroma_downsampling=False), channels=3)
        return tf.cast(decoded, tf.float32), {}

    check(program, atol=6)


ERRORS = {
    "rank": lambda tf: tf.image.resize_images(np.zeros((4, 4)), [2, 2]),
    "size": lambda tf: tf.image.resize_images(np.zeros((4, 4, 3)), [2]),
    "flip": lambda tf: tf.image.flip_left_right(np.zeros((4, 4))),
    "crop": lambda tf: tf.image.crop_to_bounding_box(np.zeros((4, 4, 3)), 2, 2, 3, 3),
    "pad": lambda tf: tf.image.pad_to_bounding_box(np.zeros((4, 4, 3)), 2, 2, 3, 3),
    "fraction": lambda tf: tf.image.central_crop(np.zeros((4, 4, 3)), 1.5),
    "hsv": lambda tf: tf.image.rgb_to_hsv(np.zeros((4, 4, 2))),
    "png": lambda tf: tf.image.decode_png(b"no picture"),
    "gamma": lambda tf: tf.image.adjust_gamma(np.zeros((4, 4, 3)), -1),
    "contrast": lambda tf: tf.image.random_contrast(np.zeros((4, 4, 3)), 2.0, 1.0),
    "variation": lambda tf: tf.image.total_variation(tf.zeros([4, 4])),
    "grey": lambda tf: tf.image.grayscale_to_rgb(tf.zeros([4, 4, 3])),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name):
    check_error(lambda tf: (ERRORS[name](tf), {}))
