"""Models that packages on PyPI ship: downloaded once, unpacked, never installed (they pin old versions)."""

import hashlib
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import pytest

WHEELS = {
    "guesslang": ("guesslang==2.2.1", "36bd12130515ee0e"),
    "basic-pitch": ("basic-pitch==0.4.0", "738adb503aae7fdf"),
}
GUESSLANG = "guesslang/data/model"
BASIC_PITCH = "basic_pitch/saved_models/icassp_2022/nmp"

_unpacked = {}


def published(package):
    """The folder into which the wheel is unpacked; the test is skipped where it can't be had."""
    if package not in _unpacked:
        requirement, digest = WHEELS[package]
        folder = pathlib.Path(tempfile.mkdtemp())
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), requirement]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        wheels = list(folder.glob("*.whl"))
        if done.returncode or not wheels:
            pytest.skip(f"{requirement} can't be downloaded")
        assert hashlib.sha256(wheels[0].read_bytes()).hexdigest().startswith(digest)
        with zipfile.ZipFile(wheels[0]) as archive:
            archive.extractall(folder)
        _unpacked[package] = folder
    return _unpacked[package]
