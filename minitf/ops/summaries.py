"""Summaries: numbers, distributions and pictures as messages for TensorBoard.

Each operation gives one serialized `Summary` message, which a `tf.summary.FileWriter` writes down.
"""

import re

import numpy as np

from minitf import errors
from minitf.checkpoint import media
from minitf.graph import dtypes
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import add_to_collections, get_default_graph, name_scope
from minitf.graph.messages import Summary, SummaryMetadata
from minitf.graph.serialization import make_tensor_proto
from minitf.graph.shape import TensorShape
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.examples import array, example, normal
from minitf.ops.op import REALS, Op


class _Summary(Op):
    """One string: a serialized message."""

    def infer(op, *inputs):
        return [(TensorShape([]), dtypes.string)]

    def gradient(op, dy):
        return [None] * len(op.inputs)


def _bytes(summary):
    out = np.empty((), object)
    out[()] = summary.SerializeToString()
    return out


_TAG = array(np.array(b"tag", object))


class ScalarSummary(_Summary):
    """One number (or as many as tags) under its tag."""

    inputs = {"tags": "string", "values": "T"}
    types = {"T": REALS}
    examples = [example(_TAG, normal(), gradient=False)]

    def infer(op, tags, values):
        tags.shape.assert_is_compatible_with(values.shape)
        return [(TensorShape([]), dtypes.string)]

    def numpy(op, tags, values):
        if tags.shape != values.shape:
            raise errors.InvalidArgumentError(
                None, op, f"tags and values not the same shape: {list(tags.shape)} != {list(values.shape)}"
            )
        pairs = zip(tags.reshape(-1).tolist(), values.reshape(-1).tolist(), strict=True)
        return _bytes(Summary(value=[Summary.Value(tag=t, simple_value=v) for t, v in pairs]))


class HistogramSummary(_Summary):
    """How the values are distributed.  Raises InvalidArgumentError for NaN and infinity."""

    inputs = {"tag": "string", "values": "T"}
    types = {"T": REALS}
    examples = [example(_TAG, normal(3, 4), gradient=False)]

    def numpy(op, tag, values):
        flat = np.asarray(values, np.float64).reshape(-1)
        if not np.isfinite(flat).all():
            what = "Nan" if np.isnan(flat).any() else "Infinity"
            raise errors.InvalidArgumentError(None, op, f"{what} in summary histogram for: {op.name}")
        return _bytes(Summary(value=[Summary.Value(tag=tag.item(), histo=media.histogram(flat))]))


class ImageSummary(_Summary):
    """Up to `max_images` pictures of a batch (n, height, width, 1, 3 or 4) as PNG.

    Floats are scaled: from [0, maximum] to [0, 255], or where some are negative so that 0 becomes 128;
    pixels that are not finite get `bad_color`.
    """

    inputs = {"tag": "string", "tensor": "T"}
    types = {"T": ("float32", "uint8", "float16", "float64")}
    attrs = {"max_images": 3, "bad_color": np.array([255, 0, 0, 255], np.uint8)}
    examples = [example(_TAG, normal(2, 3, 4, 3), gradient=False, dtypes=("float32",))]

    def numpy(op, tag, tensor):
        if tensor.ndim != 4 or tensor.shape[3] not in (1, 3, 4):
            raise errors.InvalidArgumentError(
                None, op, f"Tensor must be 4-D with last dim 1, 3, or 4, not {list(tensor.shape)}"
            )
        count, summary = op.attrs["max_images"], Summary()
        for i, picture in enumerate(tensor[:count]):
            image = Summary.Image(
                height=picture.shape[0], width=picture.shape[1], colorspace=picture.shape[2]
            )
            image.encoded_image_string = media.png(media.to_bytes(picture, op.attrs["bad_color"]))
            summary.value.add(tag=_numbered(tag, "image", i, count), image=image)
        return _bytes(summary)


class AudioSummaryV2(_Summary):
    """Up to `max_outputs` sounds of a batch (n, frames, channels) of numbers in [-1, 1] as WAV."""

    inputs = {"tag": "string", "tensor": "float32", "sample_rate": "float32"}
    attrs = {"max_outputs": 3}
    examples = [example(_TAG, array(np.zeros((2, 5, 1), np.float32)), array(np.float32(8.0)), gradient=False)]

    def infer(op, tag, tensor, sample_rate):
        tensor.shape.with_rank_at_least(2).with_rank_at_most(3)
        return [(TensorShape([]), dtypes.string)]

    def numpy(op, tag, tensor, sample_rate):
        sounds = tensor[..., None] if tensor.ndim == 2 else tensor
        count, summary = op.attrs["max_outputs"], Summary()
        for i, sound in enumerate(sounds[:count]):
            audio = Summary.Audio(sample_rate=float(sample_rate), num_channels=sound.shape[1],
                                  length_frames=sound.shape[0], content_type="audio/wav")  # fmt: skip
            audio.encoded_audio_string = media.wav(sound, float(sample_rate))
            summary.value.add(tag=_numbered(tag, "audio", i, count), audio=audio)
        return _bytes(summary)


def _numbered(tag, kind, i, count):
    text = tag.item().decode()
    return f"{text}/{kind}" if count == 1 else f"{text}/{kind}/{i}"


class TensorSummaryV2(_Summary):
    """A whole tensor, with a description of who should show it."""

    inputs = {"tag": "string", "tensor": "T", "serialized_summary_metadata": "string"}
    types = {"T": ()}
    examples = [example(_TAG, normal(2, 3), array(np.array(b"", object)), gradient=False)]

    def numpy(op, tag, tensor, serialized_summary_metadata):
        metadata = SummaryMetadata.FromString(serialized_summary_metadata.item())
        value = Summary.Value(tag=tag.item(), metadata=metadata)
        value.tensor.CopyFrom(make_tensor_proto(tensor))
        return _bytes(Summary(value=[value]))


class MergeSummary(_Summary):
    """Several summaries as one.  Raises InvalidArgumentError where two values have the same tag."""

    inputs = {"*inputs": "string"}
    examples = [example([array(np.array(b"", object)), array(np.array(b"", object))], gradient=False)]

    def numpy(op, *inputs):
        merged, tags = Summary(), set()
        for data in (d for part in inputs for d in part.reshape(-1).tolist()):
            for value in _parse(op, data).value:
                if value.tag in tags:
                    raise errors.InvalidArgumentError(
                        None, op, f"Duplicate tag {value.tag} found in summary inputs"
                    )
                tags.add(value.tag)
                merged.value.append(value)
        return _bytes(merged)


def _parse(op, data):
    try:
        return Summary.FromString(data)
    except Exception as error:  # protobuf's DecodeError has no stable home
        raise errors.InvalidArgumentError(None, op, "Could not parse one of the summary inputs") from error


# -- tf.summary ----------------------------------------------------------------------------------------------


def clean_tag(name):
    """A tag made of the characters that names of operations may have."""
    return re.sub(r"[^-/\w\.]", "_", name).lstrip("/")


def _scope(name, family, values):
    """(scope for the operation, tag)"""
    base = f"{clean_tag(family)}/{clean_tag(name)}" if family else clean_tag(name)
    return name_scope(base, None, values), (f"{clean_tag(family)}/" if family else "")


def _collect(tensor, collections):
    add_to_collections([GraphKeys.SUMMARIES] if collections is None else collections, tensor)
    return tensor


def scalar(name, tensor, collections=None, family=None):
    """tf.summary.scalar: one number; its curve over the steps is drawn under the tag `name`.

    Returns a scalar string tensor, and puts it into `collections` (default: what `merge_all` merges).
    """
    scope, prefix = _scope(name, family, [tensor])
    with scope as opened:
        tag = prefix + opened.rstrip("/")
        return _collect(ScalarSummary.apply(constant(tag, name="tags"), tensor, name=opened), collections)


def histogram(name, values, collections=None, family=None):
    """tf.summary.histogram: how the values of a tensor are distributed, step by step."""
    scope, prefix = _scope(name, family, [values])
    with scope as opened:
        tag = constant(prefix + opened.rstrip("/"), name="tag")
        return _collect(HistogramSummary.apply(tag, values, name=opened), collections)


def image(name, tensor, max_outputs=3, collections=None, family=None):
    """tf.summary.image: pictures (batch, height, width, 1, 3 or 4), the first `max_outputs` of the batch."""
    scope, prefix = _scope(name, family, [tensor])
    with scope as opened:
        tag = constant(prefix + opened.rstrip("/"), name="tag")
        return _collect(ImageSummary.apply(tag, tensor, max_images=max_outputs, name=opened), collections)


def audio(name, tensor, sample_rate, max_outputs=3, collections=None, family=None):
    """tf.summary.audio: sounds (batch, frames, channels) of numbers in [-1, 1]."""
    scope, prefix = _scope(name, family, [tensor])
    with scope as opened:
        rate = convert_to_tensor(sample_rate, dtype=dtypes.float32, name="sample_rate")
        tag = constant(prefix + opened.rstrip("/"), name="tag")
        return _collect(
            AudioSummaryV2.apply(tag, tensor, rate, max_outputs=max_outputs, name=opened), collections
        )


def text(name, tensor, collections=None):
    """tf.summary.text: a string tensor, shown as text.  Raises ValueError for another dtype."""
    tensor = convert_to_tensor(tensor)
    if tensor.dtype is not dtypes.string:
        raise ValueError(f"Expected tensor {tensor.name} to have dtype string, got {tensor.dtype.name}")
    plugin = SummaryMetadata.PluginData(plugin_name="text", content=b"")
    return tensor_summary(
        name, tensor, summary_metadata=SummaryMetadata(plugin_data=plugin), collections=collections
    )


def tensor_summary(name, tensor, summary_description=None, collections=None, summary_metadata=None, family=None,
                   display_name=None):  # fmt: skip
    """tf.summary.tensor_summary: a tensor of any kind, for a plugin that `summary_metadata` names."""
    metadata = SummaryMetadata()
    if summary_metadata is not None:
        metadata.MergeFromString(summary_metadata.SerializeToString())
    if display_name is not None:
        metadata.display_name = display_name
    scope, prefix = _scope(name, family, [tensor])
    with scope as opened:
        tag = constant(prefix + opened.rstrip("/"), name="tag")
        data = constant(metadata.SerializeToString(), name="serialized_summary_metadata")
        return _collect(TensorSummaryV2.apply(tag, tensor, data, name=opened), collections)


def merge(inputs, collections=None, name=None):
    """tf.summary.merge: the summaries in `inputs` as one."""
    with name_scope(name, "Merge", inputs):
        merged = MergeSummary.apply(list(inputs), name=name)
        add_to_collections(collections or [], merged)
        return merged


def merge_all(key=GraphKeys.SUMMARIES, scope=None, name=None):
    """tf.summary.merge_all: all summaries of the graph as one; None where there are none."""
    found = get_default_graph().get_collection(key, scope)
    return merge(found, name=name) if found else None


# -- before TensorFlow 1.0 -----------------------------------------------------------------------------------


def _old(definition, tag, value, collections, name, **attrs):
    with name_scope(name, definition.type, [tag, value]) as scope:
        return _collect(definition.apply(tag, value, name=scope, **attrs), collections)


def scalar_summary(tags, values, collections=None, name=None):
    """tf.scalar_summary: as `tf.summary.scalar`, with the tag as a tensor of its own."""
    return _old(ScalarSummary, tags, values, collections, name)


def histogram_summary(tag, values, collections=None, name=None):
    """tf.histogram_summary: as `tf.summary.histogram`, with the tag as a tensor of its own."""
    return _old(HistogramSummary, tag, values, collections, name)


def image_summary(tag, tensor, max_images=3, collections=None, name=None):
    """tf.image_summary: as `tf.summary.image`, with the tag as a tensor of its own."""
    return _old(ImageSummary, tag, tensor, collections, name, max_images=max_images)


def audio_summary(tag, tensor, sample_rate, max_outputs=3, collections=None, name=None):
    """tf.audio_summary: as `tf.summary.audio`, with the tag as a tensor of its own."""
    with name_scope(name, "AudioSummary", [tag, tensor]) as scope:
        rate = convert_to_tensor(sample_rate, dtype=dtypes.float32, name="sample_rate")
        return _collect(
            AudioSummaryV2.apply(tag, tensor, rate, max_outputs=max_outputs, name=scope), collections
        )


merge_summary = merge
merge_all_summaries = merge_all
