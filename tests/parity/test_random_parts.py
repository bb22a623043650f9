"""Random parts of pictures: the same numbers as TensorFlow's, run after run."""

import numpy as np
import pytest

from tests.parity.compare import check, check_error

BOXES = np.float32([[[0.1, 0.2, 0.7, 0.9], [0.5, 0.5, 0.6, 0.55]]])


@pytest.mark.parametrize("sizes", [(40, 50), (7, 300), (224, 224), (3, 2), (101, 64)])
@pytest.mark.parametrize("how", [
    {}, {"min_object_covered": 0.6, "max_attempts": 3}, {"area_range": (0.2, 0.5), "aspect_ratio_range": (0.3, 3.0)},
    {"aspect_ratio_range": (0.9, 1.1), "area_range": (0.9, 1.0)},
])  # fmt: skip
@pytest.mark.parametrize("steps", [1, 3])
def test_parts(sizes, how, steps):
    for seed in range(1, 6):

        def program(tf, seed=seed):
            found = tf.image.sample_distorted_bounding_box([*sizes, 3], BOXES, seed=seed, seed2=7 * seed, **how)
            return list(found), {}

        check(program, steps=steps, names=True, exact=True)


def test_the_whole_picture_where_there_are_no_boxes():
    none = np.zeros((1, 0, 4), np.float32)
    check(lambda tf: (list(tf.image.sample_distorted_bounding_box(
        [9, 9, 3], none, seed=1, seed2=2, use_image_if_no_bounding_boxes=True)), {}))  # fmt: skip
    check_error(lambda tf: (tf.image.sample_distorted_bounding_box([9, 9, 3], none, seed=1), {}))
    check_error(lambda tf: (tf.image.sample_distorted_bounding_box([9, 9, 3], 2 * BOXES, seed=1), {}))
