"""The published numbers of kinds of files."""

from typing import Final

IMAGE: Final = 1
VIDEO: Final = 2
SIDECAR: Final = 3
RAW: Final = 4
OTHER: Final = 5
