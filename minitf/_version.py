"""The version, which stands in one place: `package.json`."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("minitf")
except PackageNotFoundError:  # run from a checkout that was not installed
    __version__ = "0+unknown"
