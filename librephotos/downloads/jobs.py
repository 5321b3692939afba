"""Packs an archive, and clears those that are a day old."""

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

import structlog

from librephotos.db.database import Database
from librephotos.downloads.archives import Archive, remove_old
from librephotos.downloads.names import ArchiveNames
from librephotos.downloads.queries import list_packed_clips, list_packed_files
from librephotos.errors import LibrePhotosError
from librephotos.jobs.registry import LISTED_ERRORS, Report, Run
from librephotos.photos.paths import derived_root, open_confined
from librephotos.photos.queries.media import list_owner_roots
from librephotos.settings import Settings

log = structlog.get_logger()

PHOTOS_AT_ONCE: Final = 200
STEP: Final = "Packing photos"
ALL_GONE: Final = "None of the files is there any more."


def pack(run: Run) -> Report:
    """Write the archive that the job's arguments name; files that are gone are left out."""
    told: dict[str, Any] = run.step("pack", lambda: _pack(run))
    return Report(target=len(run.arguments["photos"]), result=told)


def _pack(run: Run) -> dict[str, Any]:
    photo_ids: list[int] = run.arguments["photos"]
    archive = Archive(run.settings.data, run.arguments["archive"], run.user_id)
    names = ArchiveNames()
    packed, gone = 0, list[str]()
    run.progress(current=0, target=len(photo_ids), step=STEP)
    try:
        for start in range(0, len(photo_ids), PHOTOS_AT_ONCE):
            some = photo_ids[start : start + PHOTOS_AT_ONCE]
            for done, sources in enumerate(_sources(run, some), start + 1):
                for source in sources:
                    if source.add_to(archive, names, run):
                        packed += 1
                    else:
                        gone.append(os.path.basename(source.name).decode("utf-8", "replace"))
                run.progress(current=done)
        if not packed:
            raise LibrePhotosError(ALL_GONE)
        archive.finish()
    finally:
        archive.discard()
    return {"files": packed, "left_out": len(gone), "left_out_names": gone[:LISTED_ERRORS]}


class _Source:
    """A file to pack, below one of `roots` and not below `outside`; `name` is a path whose last part names it."""

    def __init__(self, path: bytes, name: bytes, roots: Sequence[str], outside: str) -> None:
        self.path = path
        self.name = name
        self.roots = roots
        self.outside = outside

    def add_to(self, archive: Archive, names: ArchiveNames, run: Run) -> bool:
        """Return False for a file that is gone or may not be read."""
        try:
            descriptor, _ = open_confined(self.path, self.roots, outside=self.outside)
        except OSError:
            return False
        try:
            archive.add(descriptor, names.take(self.name), run.progress)
        finally:
            os.close(descriptor)
        return True


def _sources(run: Run, photo_ids: Sequence[int]) -> Iterator[list[_Source]]:
    """Yield the files of each photo, in the order asked."""
    data = run.settings.data.absolute()
    with run.db.snapshot() as tx:
        files = list_packed_files(tx, run.user_id, photo_ids)
        clips = list_packed_clips(tx, run.user_id, photo_ids)
        roots = [str(root) for root in run.settings.roots] or list_owner_roots(tx, run.user_id)
    derived = str(derived_root(data))
    found: defaultdict[int, list[_Source]] = defaultdict(list)
    for file in files:
        found[file.photo_id].append(_Source(file.path, file.path, roots, str(data)))
    for photo_id, path, main in clips:
        extension = os.path.splitext(path)[1].encode()
        name = (os.path.splitext(main)[0] or os.fsencode(path)) + extension
        found[photo_id].append(_Source(os.fsencode(os.path.join(derived, path)), name, [derived], ""))
    for photo_id in photo_ids:
        yield found[photo_id]


def remove_old_archives(_: Database, settings: Settings) -> None:
    """Remove archives a day after they were made."""
    count = remove_old(settings.data)
    if count:
        log.info("old archives removed", files=count)
