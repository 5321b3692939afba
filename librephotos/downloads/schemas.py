"""The published shapes of archives."""

from typing import Any

import msgspec

from librephotos.photos.selection import SelectionInput


class ArchiveInput(SelectionInput):
    """A selection; `include_stacked_photos` adds the other photos of each stack."""

    include_stacked_photos: bool = False


class ArchiveStarted(msgspec.Struct):
    """`url` is the name under which the archive can be fetched when the job is done."""

    job_id: str
    url: str


class ArchiveReady(msgspec.Struct):
    status: str = "SUCCESS"


class ArchivePending(msgspec.Struct):
    progress: dict[str, Any]
    status: str = "PENDING"


class ArchiveFailed(msgspec.Struct):
    result: dict[str, Any]
    status: str = "FAILURE"


class NoSpace(msgspec.Struct):
    status: str = "Insufficient Storage"
