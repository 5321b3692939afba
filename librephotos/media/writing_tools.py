"""The two ExifTools of whoever writes into files, and which tags may be gone when one has written."""

from __future__ import annotations

import atexit
from functools import lru_cache
from typing import Final

from librephotos.media import process
from librephotos.media.errors import MediaError
from librephotos.media.exiftool import ExifTool, ExifToolWriter, Tags, locate_exiftool
from librephotos.media.saying import SAYING_TAGS, Assignments
from librephotos.media.tags import FACT_TAGS, KEPT_TAGS

WANTED: Final = (*FACT_TAGS, *KEPT_TAGS, *SAYING_TAGS)

# What frames other tags, and goes with the last of them.
_FRAMES: Final = frozenset(
    {"ApplicationRecordVersion", "EnvelopeRecordVersion", "CodedCharacterSet", "IPTCDigest", "XMPToolkit"}
)


class Tools:
    """The process that reads, which is the one of all readings, and one that writes."""

    def __init__(self, reader: ExifTool, command: list[str]) -> None:
        self.reader = reader
        self.writer = ExifToolWriter(command)
        atexit.register(self.writer.close)

    def tags(self, sidecar: bytes) -> Tags:
        """Return a sidecar's tags, none when it cannot be read."""
        try:
            return self.reader.read(sidecar, WANTED)
        except MediaError:
            return {}


@lru_cache(maxsize=1)
def tools_of(configured: str | None, seconds: float) -> Tools | None:
    reader, command = process.exiftool_of(configured, seconds), locate_exiftool(configured)
    return Tools(reader, command) if reader is not None and command is not None else None


def is_meant(name: str, wanted: Assignments) -> bool:
    """Tell whether a tag that is gone was to go: by its own name, or with the structure or group that it is part of."""
    if name.startswith("XMP:XMP-mwg-rs:"):
        return "XMP-mwg-rs:RegionInfo" in wanted.values
    last = name.rsplit(":", maxsplit=1)[-1]
    if last in _FRAMES:
        return True
    for each in (*wanted.cleared, *wanted.values):
        group, _, tag = each.partition(":")
        if last == tag or last.startswith(f"{tag}-") or (tag == "all" and last.startswith(group)):
            return True
    return False
