"""What event files hold besides numbers: histograms, PNG pictures, WAV sounds."""

import struct
import zlib

import numpy as np

from minitf.graph.messages import HistogramProto


def _limits():
    """The upper limits of TensorBoard's buckets: powers of 1.1, mirrored at 0."""
    largest = np.finfo(np.float64).max
    positive, v = [], 1e-12
    while v < 1e20:
        positive.append(v)
        v *= 1.1
    positive.append(largest)
    return np.array([-v for v in reversed(positive)] + [0.0] + positive)


_LIMITS = _limits()


def histogram(values):
    """A `HistogramProto` of finite numbers (1-D float64); empty buckets next to each other become one."""
    proto = HistogramProto(min=_LIMITS[-1], max=_LIMITS[0], num=len(values))
    if len(values):
        proto.min, proto.max = values.min(), values.max()
        proto.sum, proto.sum_squares = np.cumsum(values)[-1], np.cumsum(values * values)[-1]
    places = np.searchsorted(_LIMITS, values, side="right")
    counts = np.bincount(np.minimum(places, len(_LIMITS) - 1), minlength=len(_LIMITS))
    i = 0
    while i < len(counts):
        end, count = i, counts[i]
        i += 1
        while count == 0 and i < len(counts) and counts[i] == 0:
            end = i
            i += 1
        proto.bucket_limit.append(_LIMITS[end])
        proto.bucket.append(count)
    return proto


def to_bytes(picture, bad_color):
    """A picture (height, width, channels) as uint8; see `ImageSummary` for how floats are scaled."""
    if picture.dtype == np.uint8:
        return picture
    values = picture.astype(np.float32)
    finite = np.isfinite(values).all(axis=-1)
    good = values[finite]
    low, high = (good.min(), good.max()) if good.size else (0.0, 0.0)
    if low < 0:
        largest, top, offset = max(abs(low), abs(high)), 127.0, 128.0
    else:
        largest, top, offset = high, 255.0, 0.0
    scale = np.float32(0.0 if largest < 1e-8 else top / largest)
    out = np.empty(values.shape, np.uint8)
    out[finite] = (good * scale + np.float32(offset)).astype(np.uint8)
    out[~finite] = np.asarray(bad_color, np.uint8)[: picture.shape[-1]]
    return out


def png(picture):
    """A picture (height, width, 1, 2, 3 or 4 channels) of uint8 as a PNG file."""
    height, width, channels = picture.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = np.concatenate([np.zeros((height, 1), np.uint8), picture.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes())), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def wav(sound, sample_rate):
    """A sound (frames, channels) of numbers in [-1, 1] as a WAV file of 16-bit numbers."""
    channels = sound.shape[1]
    samples = np.clip(np.floor(sound.astype(np.float64) * 32768 + 0.5), -32768, 32767).astype("<i2").tobytes()
    rate = int(sample_rate + 0.5)
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * channels * 2, channels * 2, 16)
    body = b"WAVE" + head + b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body
