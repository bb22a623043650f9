"""Hash functions of byte strings, with the values that TensorFlow's string ops have.

* `fingerprint`  FarmHash's Fingerprint64 (Geoff Pike, Google, 2014), of `string_to_hash_bucket_fast`
* `murmur`       MurmurHash64A (Austin Appleby, 2008), of `string_to_hash_bucket`
* `siphash`      SipHash-2-4 (Aumasson and Bernstein, 2012), of `string_to_hash_bucket_strong`
"""

_MASK = (1 << 64) - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def _word(s, start, size=8):
    """The little-endian number at s[start : start + size]; `start` may count from the end."""
    start = start if start >= 0 else len(s) + start
    return int.from_bytes(s[start : start + size], "little")


def _right(x, count):
    """A 64-bit number rotated right."""
    x &= _MASK
    return (x >> count | x << (64 - count)) & _MASK


def _mix(x):
    x &= _MASK
    return x ^ x >> 47


def _join(u, v, mul):
    """Two numbers hashed to one."""
    a = _mix((u ^ v) * mul)
    return _mix((v ^ a) * mul) * mul & _MASK


def fingerprint(s):
    """FarmHash's 64-bit fingerprint of the bytes `s`."""
    if len(s) <= 16:
        return _up_to_16(s)
    if len(s) <= 32:
        mul = _K2 + 2 * len(s)
        u, v, _, _ = _ends(s, _K1, mul)
        return _join(u, v, mul)
    if len(s) <= 64:
        return _up_to_64(s)
    return _long(s)


def _up_to_16(s):
    n = len(s)
    mul = _K2 + 2 * n
    if n >= 8:
        a, b = _word(s, 0) + _K2, _word(s, -8)
        return _join((_right(b, 37) * mul + a) & _MASK, (_right(a, 25) + b) * mul & _MASK, mul)
    if n >= 4:
        return _join(n + (_word(s, 0, 4) << 3), _word(s, -4, 4), mul)
    if n > 0:
        y, z = s[0] + (s[n >> 1] << 8), n + (s[-1] << 2)
        return _mix(y * _K2 ^ z * _K0) * _K2 & _MASK
    return _K2


def _ends(s, first, mul):
    """(u, v, a, y): what the first 16 and the last 16 bytes give."""
    a, b = _word(s, 0) * first & _MASK, _word(s, 8)
    c, d = _word(s, -8) * mul & _MASK, _word(s, -16) * _K2 & _MASK
    u = (_right(a + b, 43) + _right(c, 30) + d) & _MASK
    return u, (a + _right(b + _K2, 18) + c) & _MASK, a, u


def _up_to_64(s):
    mul = _K2 + 2 * len(s)
    u, v, a, y = _ends(s, _K2, mul)
    z = _join(u, v, mul)
    e, f = _word(s, 16) * mul & _MASK, _word(s, 24)
    g, h = (y + _word(s, -32)) * mul & _MASK, (z + _word(s, -24)) * mul & _MASK
    return _join((_right(e + f, 43) + _right(g, 30) + h) & _MASK, (e + _right(f + a, 18) + g) & _MASK, mul)


def _weak(s, start, a, b):
    """32 bytes and two seeds hashed to two numbers."""
    w, x, y, z = (_word(s, start + 8 * i) for i in range(4))
    a += w
    b = _right(b + a + z, 21)
    c = a
    a += x + y
    return (a + z) & _MASK, (b + _right(a, 44) + c) & _MASK


def _round(s, start, state, mul, scale):
    """One block of 64 bytes; `scale` is 1 in the middle and 9 at the end."""
    x, y, z, v, w = state
    x = _right(x + y + v[0] + _word(s, start + 8), 37) * mul & _MASK
    y = _right(y + v[1] + _word(s, start + 48), 42) * mul & _MASK
    x ^= w[1] * scale & _MASK
    y = (y + v[0] * scale + _word(s, start + 40)) & _MASK
    z = _right(z + w[0], 33) * mul & _MASK
    v = _weak(s, start, v[1] * mul, x + w[0])
    w = _weak(s, start + 32, z + w[1], y + _word(s, start + 16))
    return z, y, x, v, w


def _long(s):
    seed = 81
    y = (seed * _K1 + 113) & _MASK
    state = ((seed * _K2 + _word(s, 0)) & _MASK, y, _mix(y * _K2 + 113) * _K2 & _MASK, (0, 0), (0, 0))
    rest = (len(s) - 1) & 63
    for start in range(0, len(s) - 1 - rest, 64):
        state = _round(s, start, state, _K1, 1)
    x, y, z, v, w = state
    mul = _K1 + ((z & 0xFF) << 1)
    w = (w[0] + rest, w[1])
    v = (v[0] + w[0], v[1])
    w = (w[0] + v[0], w[1])
    x, y, z, v, w = _round(s, len(s) - 64, (x, y, z, v, w), mul, 9)
    return _join(_join(v[0], w[0], mul) + _mix(y) * _K0 + z & _MASK, _join(v[1], w[1], mul) + x & _MASK, mul)


def murmur(s, seed=0xDECAFCAFFE):
    """MurmurHash64A of the bytes `s`."""
    mul = 0xC6A4A7935BD1E995
    h = (seed ^ len(s) * mul) & _MASK
    whole = len(s) // 8 * 8
    for start in range(0, whole, 8):
        h = (h ^ _mix(_word(s, start) * mul) * mul) * mul & _MASK
    if whole < len(s):
        h = (h ^ _word(s, whole)) * mul & _MASK
    return _mix(_mix(h) * mul)


def siphash(s, key):
    """SipHash-2-4 of the bytes `s` with a key of two 64-bit numbers."""
    k0, k1 = (int(k) & _MASK for k in key)
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    padded = s + bytes(-(len(s) + 1) % 8) + bytes([len(s) & 0xFF])
    for start in range(0, len(padded), 8):
        block = _word(padded, start)
        v[3] ^= block
        _sip_rounds(v, 2)
        v[0] ^= block
    v[2] ^= 0xFF
    _sip_rounds(v, 4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def _sip_rounds(v, count):
    for _ in range(count):
        v[0] = (v[0] + v[1]) & _MASK
        v[2] = (v[2] + v[3]) & _MASK
        v[1] = _right(v[1], 51) ^ v[0]
        v[3] = _right(v[3], 48) ^ v[2]
        v[0] = _right(v[0], 32)
        v[2] = (v[2] + v[1]) & _MASK
        v[0] = (v[0] + v[3]) & _MASK
        v[1] = _right(v[1], 47) ^ v[2]
        v[3] = _right(v[3], 43) ^ v[0]
        v[2] = _right(v[2], 32)
