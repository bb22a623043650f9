"""How large what a display leaves in a notebook may become; JupyterLab's settings may say otherwise."""

_bytes = {"graph": 150_000, "curves": 50_000, "checkpoint": 150_000}


def limit(kind):
    """The bytes that a display of this kind has in a notebook: its data, its drawing and its text together."""
    return _bytes[kind]


def set_limits(**kilobytes):
    """Change some of `graph`, `curves` and `checkpoint`; 10 at least.  Raises ValueError for another kind or less."""
    for kind, size in kilobytes.items():
        if kind not in _bytes:
            raise ValueError(f"there is no limit for {kind!r}, only for {', '.join(_bytes)}")
        if size < 10:
            raise ValueError(f"a limit is 10 kB at least, got {size}")
    _bytes.update({kind: int(size * 1000) for kind, size in kilobytes.items()})
