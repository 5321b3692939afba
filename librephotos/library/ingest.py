"""From what was read of a file to rows: which photo it belongs to, and what that photo becomes.

Identity is content. A path only says where it lies; the same content under another path is the same photo.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, select, update

from librephotos.db.statements import Statement, scalar, statement
from librephotos.db.tables import file
from librephotos.db.transactions import Tx
from librephotos.kit import clock, json
from librephotos.library.capture_time import (
    CaptureTime,
    Evidence,
    FileTimes,
    choose_capture_time,
    zone_at_position,
)
from librephotos.library.categories import is_screenshot
from librephotos.library.compare import Pending
from librephotos.library.date_rules import DateRule
from librephotos.library.queries import Owner, PendingFile
from librephotos.library.walk import shown
from librephotos.media.picture_hashes import colour_text
from librephotos.media.process import Outcome
from librephotos.media.thumbnails import SIZES, thumbnail_path
from librephotos.photos import storing
from librephotos.photos.changes import photos_changed
from librephotos.photos.paths import derived_root
from librephotos.photos.storing import StoredPhoto

KINDS: Final = {"image": 1, "video": 2, "sidecar": 3, "raw": 4}
OTHER_KIND: Final = 5
THUMBNAILS: Final = "thumbnails"
METADATA: Final = "metadata"


class Ingested(msgspec.Struct):
    """What became of a group of files. `renames` are thumbnails to be put under another name once it is stored."""

    errors: list[str] = []
    renames: list[tuple[str, str]] = []
    obsolete: list[str] = []


_SET_FILE = statement(
    update(file)
    .where(file.c.id == bindparam("file_id"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in (
                *("photo_id", "hash", "blake2b", "kind", "mime", "size_bytes", "mtime_ns", "inode", "device"),
                *("state", "reason", "pending", "checked_at"),
            )
        }
    )
)
_SET_STATE = statement(
    update(file)
    .where(file.c.id == bindparam("file_id"))
    .values(
        state=bindparam("new_state"),
        reason=bindparam("new_reason"),
        mtime_ns=bindparam("new_mtime_ns"),
        pending=int(Pending.NOTHING),
        checked_at=bindparam("now"),
    )
)
_SET_PENDING = statement(
    update(file).where(file.c.id == bindparam("file_id")).values(pending=bindparam("wanted"))
)
_OTHER_FILE = Statement(
    select(file.c.id).where(
        file.c.photo_id == bindparam("photo_id"),
        file.c.id != bindparam("file_id"),
        file.c.hash == bindparam("content_hash"),
        file.c.is_missing.is_(False),
        file.c.pending != int(Pending.GONE),
    ),
    scalar,
)
_IS_HASH_USED = Statement(
    select(file.c.id)
    .where(file.c.photo_id == bindparam("photo_id"), file.c.hash == bindparam("content_hash"))
    .limit(1),
    scalar,
)
_MAIN_IS_THERE = Statement(
    select(file.c.id).where(
        file.c.id == bindparam("file_id"), file.c.is_missing.is_(False), file.c.pending != int(Pending.GONE)
    ),
    scalar,
)
_MEDIA_BESIDE = Statement(
    select(file.c.id, file.c.path_bytes, file.c.photo_id).where(
        file.c.owner_id == bindparam("owner"),
        file.c.path_bytes >= bindparam("low"),
        file.c.path_bytes < bindparam("high"),
        file.c.state == "photo",
        file.c.kind != KINDS["sidecar"],
    ),
    lambda file_id, path, photo_id: (file_id, bytes(path), photo_id),
)


class Ingest:
    """Stores outcomes for one owner within one transaction each time it is called."""

    def __init__(self, owner: Owner, rules: Sequence[DateRule], data: Path) -> None:
        self.owner = owner
        self.rules = rules
        self.data = data

    def store(self, tx: Tx, group: Sequence[tuple[PendingFile, Outcome]]) -> Ingested:
        """Store a group of outcomes and what follows from them."""
        done = Ingested()
        changed: set[int] = set()
        left_days: set[int] = set()
        for row, outcome in group:
            photo_id = self._store_one(tx, row, outcome, done, left_days)
            if photo_id is not None:
                changed.add(photo_id)
        if changed:
            touched = sorted(changed)
            storing.refresh_search_text(tx, touched)
            photos_changed(tx, self.owner.user_id, touched, left_days=left_days)
        return done

    def tidy(self, done: Ingested) -> None:
        """Put thumbnails where their photos look for them; after the commit, so that a rollback loses nothing."""
        folder = os.fsencode(derived_root(self.data))
        for old, new in done.renames:
            for size in SIZES:
                target = thumbnail_path(folder, size, new)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                os.replace(thumbnail_path(folder, size, old), target)
        for name in done.obsolete:
            for size in SIZES:
                Path(os.fsdecode(thumbnail_path(folder, size, name))).unlink(missing_ok=True)

    def _store_one(
        self, tx: Tx, row: PendingFile, outcome: Outcome, done: Ingested, left_days: set[int]
    ) -> int | None:
        """Return the photo that changed, if one did."""
        if outcome.format is None or outcome.fingerprint is None:
            self._store_unread(tx, row, outcome, done)
            return None
        content_hash = f"{outcome.fingerprint.md5}{self.owner.user_id}"
        if outcome.format.kind == "sidecar":
            return self._store_sidecar(tx, row, outcome, content_hash)
        known = storing.get_stored(tx, row.photo_id) if row.photo_id is not None else None
        if outcome.looks is None:
            if (
                known is not None
                and outcome.pixels.state == "not_applicable"
                and row.pending == Pending.METADATA
            ):
                return self._read_again(tx, row, outcome, content_hash, known, left_days)
            return self._store_undecoded(tx, row, outcome, content_hash, done)
        if known is None:
            return self._store_new(tx, row, outcome, content_hash, left_days)
        if content_hash == row.hash:
            return self._store_same(tx, row, outcome, content_hash, known, left_days)
        return self._store_edited(tx, row, outcome, content_hash, known, done, left_days)

    # --- files that are no photo

    def _store_unread(self, tx: Tx, row: PendingFile, outcome: Outcome, done: Ingested) -> None:
        """Not media, or not to be read. What may be a passing trouble is tried again by the next scan."""
        is_failure = outcome.read.state == "failed"
        is_passing = is_failure and outcome.metadata.state != "failed"
        reason = outcome.read.reason or ""
        tx.execute(
            _SET_STATE,
            file_id=row.file_id,
            new_state="failed" if is_failure else "skipped",
            new_reason=reason,
            new_mtime_ns=0 if is_passing else row.mtime_ns,
            now=clock.now(),
        )
        if is_failure:
            done.errors.append(f"{shown(row.path)}: {reason}")

    def _store_undecoded(
        self, tx: Tx, row: PendingFile, outcome: Outcome, content_hash: str, done: Ingested
    ) -> int | None:
        """Media of a kind that is not read, or whose picture is damaged; a photo it was before keeps its place."""
        is_failure = outcome.pixels.state == "failed"
        reason = outcome.pixels.reason or ""
        self._set_file(
            tx, row, outcome, content_hash, row.photo_id, "failed" if is_failure else "skipped", reason
        )
        if not is_failure:
            return None
        done.errors.append(f"{shown(row.path)}: {reason}")
        if row.photo_id is not None:
            storing.record_step(tx, row.photo_id, THUMBNAILS, "failed", reason)
        return row.photo_id

    def _store_sidecar(self, tx: Tx, row: PendingFile, outcome: Outcome, content_hash: str) -> int | None:
        """Attach a sidecar to its photo, whose metadata is then read again; without one it is set aside."""
        photo_id = None
        for file_id, path, its_photo in self._beside(tx, row.path):
            if row.path in sidecar_names(path):
                tx.execute(_SET_PENDING, file_id=file_id, wanted=int(Pending.METADATA))
                photo_id = its_photo
        state, reason = ("photo", "") if photo_id else ("skipped", "This XMP sidecar has no photo beside it.")
        self._set_file(tx, row, outcome, content_hash, photo_id, state, reason)
        return photo_id

    def _beside(self, tx: Tx, path: bytes) -> list[tuple[int, bytes, int]]:
        stem = path[: -len(b".xmp")]
        return tx.all(_MEDIA_BESIDE, owner=self.owner.user_id, low=stem, high=stem + b"\xff")

    # --- photos

    def _store_new(
        self, tx: Tx, row: PendingFile, outcome: Outcome, content_hash: str, left_days: set[int]
    ) -> int:
        """Content that this path did not have before: of a known photo, or of a new one."""
        known = storing.find_by_content(tx, self.owner.user_id, content_hash)
        if known is None:
            retagged = self._find_retagged(tx, row, outcome)
            if retagged is not None:
                done_photo = self._join(tx, row, outcome, content_hash, retagged)
                self._write_metadata(tx, row, outcome, retagged, left_days)
                return done_photo
            return self._create(tx, row, outcome, content_hash)
        return self._join(tx, row, outcome, content_hash, known)

    def _find_retagged(self, tx: Tx, row: PendingFile, outcome: Outcome) -> StoredPhoto | None:
        taken = self._capture_time(row, outcome, None)
        if taken is None or outcome.looks is None:
            return None
        return storing.find_by_picture(
            tx,
            self.owner.user_id,
            outcome.looks.perceptual_hash,
            outcome.looks.aspect_ratio,
            clock.wall_iso(taken.taken_local),
        )

    def _create(self, tx: Tx, row: PendingFile, outcome: Outcome, content_hash: str) -> int:
        facts = outcome.facts
        photo_id = storing.create_photo(
            tx,
            self.owner.user_id,
            content_hash,
            row.file_id,
            rating=facts.rating or 0 if facts else 0,
            is_screenshot=is_screenshot(
                shown(row.path), outcome.format.mime if outcome.format else "", facts
            ),
            **self._looks(outcome),
            **self._place_and_time(tx, row, outcome, None),
        )
        self._set_file(tx, row, outcome, content_hash, photo_id)
        self._write_facts(tx, photo_id, outcome)
        storing.record_step(tx, photo_id, THUMBNAILS, "done")
        return photo_id

    def _join(self, tx: Tx, row: PendingFile, outcome: Outcome, content_hash: str, known: StoredPhoto) -> int:
        """Another path of a photo; one that was removed comes back with its file."""
        self._set_file(tx, row, outcome, content_hash, known.photo_id)
        if known.is_removed:
            storing.revive(tx, known.photo_id)
        if known.main_file_id is None or tx.first(_MAIN_IS_THERE, file_id=known.main_file_id) is None:
            storing.set_main_file(tx, known.photo_id, row.file_id)
        if known.image_hash == content_hash:
            storing.record_step(tx, known.photo_id, THUMBNAILS, "done")
        return known.photo_id

    def _store_same(
        self,
        tx: Tx,
        row: PendingFile,
        outcome: Outcome,
        content_hash: str,
        known: StoredPhoto,
        left_days: set[int],
    ) -> int | None:
        """The content is as it was; only the time of the file changed, or its thumbnails had to be made again."""
        self._set_file(tx, row, outcome, content_hash, known.photo_id)
        if known.is_removed:
            storing.revive(tx, known.photo_id)
        if row.file_id == known.main_file_id:
            self._write_metadata(tx, row, outcome, known, left_days)
        return known.photo_id

    def _read_again(
        self,
        tx: Tx,
        row: PendingFile,
        outcome: Outcome,
        content_hash: str,
        known: StoredPhoto,
        left_days: set[int],
    ) -> int | None:
        """Metadata alone was asked for; content that changed unnoticed is taken up again with its picture."""
        if content_hash != row.hash:
            tx.execute(_SET_PENDING, file_id=row.file_id, wanted=int(Pending.CHANGED))
            return None
        return self._store_same(tx, row, outcome, content_hash, known, left_days)

    def _store_edited(
        self,
        tx: Tx,
        row: PendingFile,
        outcome: Outcome,
        content_hash: str,
        known: StoredPhoto,
        done: Ingested,
        left_days: set[int],
    ) -> int:
        """Other content under a known path: the same picture with other metadata, or another picture."""
        assert outcome.looks is not None
        looks = self._looks(outcome)
        is_same_picture = (known.perceptual_hash, known.aspect_ratio) == (
            looks["perceptual_hash"],
            looks["aspect_ratio"],
        )
        has_copy = tx.first(_OTHER_FILE, photo_id=known.photo_id, file_id=row.file_id, content_hash=row.hash)
        if has_copy is not None and not is_same_picture:
            # The other copy keeps the photo; this path shows something else now.
            if known.main_file_id == row.file_id:
                storing.set_main_file(tx, known.photo_id, has_copy)
            other = self._store_new(tx, row, outcome, content_hash, left_days)
            storing.refresh_search_text(tx, [known.photo_id])
            photos_changed(tx, self.owner.user_id, [known.photo_id])
            return other
        self._set_file(tx, row, outcome, content_hash, known.photo_id)
        if known.is_removed:
            storing.revive(tx, known.photo_id)
        name = known.image_hash if is_same_picture else content_hash
        storing.set_looks(tx, known.photo_id, image_hash=name, **looks)
        if is_same_picture:
            done.renames.append((content_hash, name))
        else:
            storing.forget_steps(tx, known.photo_id)
            done.obsolete.append(known.image_hash)
        self._write_metadata(tx, row, outcome, known, left_days)
        if outcome.facts is not None and outcome.facts.rating is not None:
            storing.set_rating(tx, known.photo_id, outcome.facts.rating)
        storing.record_step(tx, known.photo_id, THUMBNAILS, "done")
        return known.photo_id

    # --- parts

    def _write_metadata(
        self, tx: Tx, row: PendingFile, outcome: Outcome, known: StoredPhoto, left_days: set[int]
    ) -> None:
        values = self._place_and_time(tx, row, outcome, known.user_taken_local)
        if known.day_id is not None and known.day_id != values["day_id"]:
            left_days.add(known.day_id)
        storing.set_place_and_time(tx, known.photo_id, **values)
        self._write_facts(tx, known.photo_id, outcome)
        if known.category_source == "auto" and outcome.format is not None:
            screenshot = is_screenshot(shown(row.path), outcome.format.mime, outcome.facts)
            storing.set_screenshot(tx, known.photo_id, is_screenshot=screenshot)

    def _write_facts(self, tx: Tx, photo_id: int, outcome: Outcome) -> None:
        facts = outcome.facts
        looks = outcome.looks
        values: dict[str, Any] = dict.fromkeys(storing.METADATA_COLUMNS)
        values["reader"] = ""
        if facts is not None:
            for name in values:
                values[name] = getattr(facts, name)
            values["keywords"] = json.dumps(facts.keywords) if facts.keywords else None
            values["tags"] = json.dumps(facts.tags) if facts.tags else None
        if looks is not None:
            values["width"] = values["width"] or looks.width
            values["height"] = values["height"] or looks.height
        if facts is not None or looks is not None:
            storing.write_metadata(tx, photo_id, **values)
        if facts is not None and facts.description:
            storing.caption_from_file(tx, photo_id, facts.description)
        storing.record_step(tx, photo_id, METADATA, outcome.metadata.state, outcome.metadata.reason)

    def _looks(self, outcome: Outcome) -> dict[str, Any]:
        looks = outcome.looks
        assert looks is not None
        assert outcome.fingerprint is not None
        return {
            "is_video": False,
            "size_bytes": outcome.fingerprint.size_bytes,
            "aspect_ratio": looks.aspect_ratio,
            "dominant_color": colour_text(looks.dominant_colour),
            "thumbhash": looks.thumbhash.hex(),
            "perceptual_hash": looks.perceptual_hash,
        }

    def _place_and_time(
        self, tx: Tx, row: PendingFile, outcome: Outcome, user_taken_local: str | None
    ) -> dict[str, Any]:
        taken = self._capture_time(row, outcome, user_taken_local)
        local = clock.wall_iso(taken.taken_local) if taken else None
        facts = outcome.facts
        return {
            "taken_local": local,
            "taken_offset_minutes": taken.offset_minutes if taken else None,
            "taken_by": json.dumps({"rule": taken.rule_id, "tag": taken.tag}) if taken else None,
            "day_id": storing.get_or_create_day(tx, self.owner.user_id, local),
            "gps_lat": facts.gps_lat if facts else None,
            "gps_lon": facts.gps_lon if facts else None,
        }

    def _capture_time(
        self, row: PendingFile, outcome: Outcome, user_taken_local: str | None
    ) -> CaptureTime | None:
        facts = outcome.facts
        position = (
            (facts.gps_lat, facts.gps_lon)
            if facts and facts.gps_lat is not None and facts.gps_lon is not None
            else None
        )
        try:
            status = os.stat(row.path)
            times = FileTimes(status.st_mtime, status.st_ctime)
        except OSError:
            times = FileTimes(row.mtime_ns / 1e9, row.mtime_ns / 1e9)
        evidence = Evidence(
            path=shown(row.path),
            tags=facts.tags if facts else {},
            file_times=times,
            position=position,
            user_timestamp=clock.parse_wall(user_taken_local) if user_taken_local else None,
            default_timezone=self.owner.default_timezone,
        )
        return choose_capture_time(evidence, self.rules, zone_at=zone_at_position)

    def _set_file(
        self,
        tx: Tx,
        row: PendingFile,
        outcome: Outcome,
        content_hash: str,
        photo_id: int | None,
        state: str = "photo",
        reason: str = "",
    ) -> None:
        fingerprint = outcome.fingerprint
        assert fingerprint is not None
        assert outcome.format is not None
        tx.execute(
            _SET_FILE,
            file_id=row.file_id,
            new_photo_id=photo_id,
            new_hash=content_hash,
            new_blake2b=fingerprint.blake2b,
            new_kind=KINDS.get(outcome.format.kind, OTHER_KIND),
            new_mime=outcome.format.mime,
            new_size_bytes=fingerprint.size_bytes,
            new_mtime_ns=fingerprint.modified_ns,
            new_inode=fingerprint.inode,
            new_device=fingerprint.device,
            new_state=state,
            new_reason=reason,
            new_pending=int(Pending.NOTHING),
            new_checked_at=clock.now(),
        )


def sidecar_names(path: bytes) -> list[bytes]:
    """Return where a media file's sidecar may lie, the ones that count most first."""
    stem = os.path.splitext(path)[0]
    return [stem + b".xmp", stem + b".XMP", path + b".xmp", path + b".XMP"]


def sidecars_of(path: bytes) -> list[bytes]:
    return [name for name in sidecar_names(path) if os.path.isfile(name)]
