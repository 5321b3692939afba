"""What one transaction of the scan works with: the owner, the rules, and what is gathered for its end."""

from collections.abc import Sequence

import msgspec

from librephotos.db.transactions import Tx
from librephotos.library import file_kinds
from librephotos.library.date_rules import DateRule
from librephotos.library.queries import files
from librephotos.library.queries.owners import Owner
from librephotos.library.queries.pending import PendingFile
from librephotos.library.walk import shown
from librephotos.media.hashing import Fingerprint
from librephotos.media.process import Outcome
from librephotos.photos.queries.selections import lock_photos

KINDS = {
    "image": file_kinds.IMAGE,
    "video": file_kinds.VIDEO,
    "sidecar": file_kinds.SIDECAR,
    "raw": file_kinds.RAW,
}


class Stored(msgspec.Struct):
    """What is to be told and tidied once the transaction is committed.

    `renames` are names of thumbnails, `clip_renames` of the films of motion photos, `obsolete` of both; pictures of
    faces have names of their own. `fresh` are (name of the photo, content) of thumbnails that were drawn of a file into
    which a turn went, and `turned` the photos whose faces lie elsewhere since.
    """

    errors: list[str] = []
    renames: list[tuple[str, str]] = []
    obsolete: list[str] = []
    clip_renames: list[tuple[str, str]] = []
    face_renames: list[tuple[str, str]] = []
    face_pictures: list[tuple[str, bytes]] = []
    fresh: list[tuple[str, str]] = []
    turned: list[int] = []


class Group:
    """A few files of one owner that are stored in one transaction."""

    def __init__(self, tx: Tx, owner: Owner, rules: Sequence[DateRule]) -> None:
        self.tx = tx
        self.owner = owner
        self.rules = rules
        self.stored = Stored()
        self.changed: set[int] = set()
        self.left_days: set[int] = set()
        # What stacks and duplicates make of these photos must not be decided by somebody else meanwhile.
        lock_photos(tx, owner.user_id)


class Reading(msgspec.Struct, frozen=True):
    """A known path and what was read of its file."""

    row: PendingFile
    outcome: Outcome
    content_hash: str

    @property
    def fingerprint(self) -> Fingerprint:
        assert self.outcome.fingerprint is not None
        return self.outcome.fingerprint

    @property
    def kind(self) -> int:
        return (
            KINDS.get(self.outcome.format.kind, file_kinds.OTHER) if self.outcome.format else file_kinds.OTHER
        )

    @property
    def mime(self) -> str:
        return self.outcome.format.mime if self.outcome.format else ""

    @property
    def clip_name(self) -> str:
        """Return by which name the film inside the file was written."""
        return self.outcome.clip_name or self.content_hash

    @property
    def is_changed(self) -> bool:
        """Tell whether the path had other content when it was last read."""
        return self.content_hash != self.row.hash


def set_file(
    group: Group, reading: Reading, photo_id: int | None, state: str = "photo", reason: str = ""
) -> None:
    """Store the file of a reading as one that belongs to a photo, or as one that does not and why."""
    fingerprint, facts, looks = reading.fingerprint, reading.outcome.facts, reading.outcome.looks
    files.set_read(
        group.tx,
        reading.row.file_id,
        photo_id=photo_id,
        hash=reading.content_hash,
        blake2b=fingerprint.blake2b,
        kind=reading.kind,
        mime=reading.mime,
        size_bytes=fingerprint.size_bytes,
        mtime_ns=fingerprint.modified_ns,
        inode=fingerprint.inode,
        device=fingerprint.device,
        state=state,
        reason=reason,
        content_id=(facts.content_id or "") if facts else "",
        video_seconds=facts.video_seconds if facts else None,
        aspect_ratio=looks.aspect_ratio if looks else None,
        perceptual_hash=looks.perceptual_hash if looks else None,
    )


def note_error(group: Group, row: PendingFile, reason: str) -> None:
    group.stored.errors.append(f"{shown(row.path)}: {reason}")
