"""Imports what is new in the folder that an account chose on its server.

Nothing there is changed. The list is made anew by each start; what was done is told by the table of remote files, so
that a killed job goes on with the first file that it was not done with.
"""

from collections import deque
from typing import Any, Final

import msgspec

from librephotos.accounts.site_settings import get_site_settings
from librephotos.accounts.vault import Vault
from librephotos.errors import LibrePhotosError, Refusal
from librephotos.jobs.registry import LISTED_ERRORS, Report, Run
from librephotos.kit.file_locks import take_lock
from librephotos.media.formats import FORMATS, RAW_EXTENSIONS, VIDEO_EXTENSIONS, extension_of
from librephotos.nextcloud import queries
from librephotos.nextcloud.entered import folder_of, remote_of
from librephotos.nextcloud.fetching import FOLDER, Importer, Item
from librephotos.nextcloud.listing import TOO_MANY, Entry
from librephotos.nextcloud.paths import DEEPEST, Parts, shown
from librephotos.nextcloud.reaching import Remote
from librephotos.nextcloud.schemas import SWITCHED_OFF, Trouble
from librephotos.uploads import drafts, placing
from librephotos.uploads.queries import get_directories

MOST_FILES: Final = 500_000
MOST_FOLDERS: Final = 50_000
MISSED_IN_A_ROW: Final = 3
LISTING: Final = "Listing the files of your Nextcloud"
FETCHING: Final = "Importing from your Nextcloud"
RUNS_ALREADY: Final = "Another import from your Nextcloud is running."
UNUSABLE: Final = "{} names in '{}' cannot be used."
TOO_DEEP: Final = "'{}' lies too deep."
FULL: Final = 507
_EXTENSIONS: Final = (
    frozenset(known.extension for known in FORMATS)
    | RAW_EXTENSIONS
    | VIDEO_EXTENSIONS
    | {"jpeg", "jpe", "tiff", "heif", "hif"}
)


class Tally(msgspec.Struct):
    """What became of the files; `left` were not tried because nothing more could be stored or had."""

    imported: int = 0
    here_already: int = 0
    no_media: int = 0
    failed: int = 0
    left: int = 0
    errors: list[str] = []

    def add_error(self, sentence: str) -> None:
        self.failed += 1
        if len(self.errors) < LISTED_ERRORS:
            self.errors = [*self.errors, sentence]

    def counts(self) -> dict[str, int]:
        told = {"imported": self.imported, "here_already": self.here_already, "no_media": self.no_media}
        return {**told, "left": self.left} if self.left else told


def import_files(run: Run) -> Report:
    """Bring in every photo and video that is not here yet."""
    told: dict[str, Any] = run.step("import", lambda: _import(run))
    tally = Tally(**told["tally"])
    return Report(told["target"], tally.failed + tally.left, tally.errors, tally.counts())


def _import(run: Run) -> dict[str, Any]:
    with run.db.snapshot() as tx:
        if not get_site_settings(tx, run.settings).nextcloud_enabled:
            raise Trouble(SWITCHED_OFF)
        account = queries.get_account(tx, run.user_id)
        directories = get_directories(tx, run.user_id)
    lock = take_lock(bytes(drafts.lock_path(run.settings.data, f"nextcloud-{run.user_id}")))
    if lock is None:
        raise Trouble(RUNS_ALREADY)
    with lock:
        top = folder_of(account)
        remote = remote_of(run.settings, Vault(run.settings.data), run.user_id, account)
        try:
            folder = placing.open_folder(run.settings, directories, FOLDER)
            tally = Tally(imported=run.noted().get("imported", 0))
            run.progress(current=0, step=LISTING)
            items = _listed(run, remote, top, tally)
            # Without links above it, so that one below it shows.
            importer = Importer(run, remote, folder.resolve(), directories)
            target = tally.failed + len(items)
            run.progress(current=tally.failed, target=target, step=FETCHING)
            _bring_all(run, remote, importer, items, tally)
            run.progress(current=target)
        except Refusal as refusal:
            raise LibrePhotosError(_sentence(refusal)) from None
        finally:
            remote.close()
    return {"tally": msgspec.to_builtins(tally), "target": target}


def _listed(run: Run, remote: Remote, top: Parts, tally: Tally) -> list[Item]:
    """Return what may be photos and videos, folder by folder. Raises Trouble when the first folder cannot be listed."""
    folders, items, seen = deque([top]), list[Item](), 0
    away = 0
    while folders:
        folder = folders.popleft()
        seen += 1
        if seen > MOST_FOLDERS or len(items) > MOST_FILES:
            raise Trouble(TOO_MANY)
        run.progress()
        try:
            listing = remote.list_folder(folder)
        except Trouble as trouble:
            away = away + 1 if trouble.is_away else 0
            if folder == top or away == MISSED_IN_A_ROW:
                raise
            tally.add_error(trouble.message)
            continue
        away = 0
        if listing.unusable:
            tally.add_error(UNUSABLE.format(listing.unusable, shown(folder)))
        for entry in sorted(listing.entries, key=lambda each: each.name):
            path = (*folder, entry.name)
            # As scans do.
            if entry.name.startswith("."):
                continue
            if not entry.is_folder:
                items += [Item(path, entry)] if _may_be_media(entry) else []
            elif len(path) <= DEEPEST:
                folders.append(path)
            else:
                tally.add_error(TOO_DEEP.format(shown(path)))
    return items


def _may_be_media(entry: Entry) -> bool:
    """By name or announced type alone, so that nothing else is fetched; its bytes decide."""
    return entry.size_bytes != 0 and (
        extension_of(entry.name) in _EXTENSIONS or entry.mime.startswith(("image/", "video/"))
    )


def _bring_all(run: Run, remote: Remote, importer: Importer, items: list[Item], tally: Tally) -> None:
    before, missed = tally.failed, 0
    earlier = tally.imported
    for done, item in enumerate(items):
        with run.db.snapshot() as tx:
            is_done = queries.is_imported(tx, run.user_id, remote.target, item.path, item.entry)
        if is_done and earlier:
            # Counted by an earlier start of this job.
            earlier -= 1
        elif is_done:
            tally.here_already += 1
        else:
            try:
                outcome = importer.bring(item)
                setattr(tally, outcome, getattr(tally, outcome) + 1)
                missed = 0
            except Refusal as refusal:
                tally.add_error(f"'{shown(item.path)}': {_sentence(refusal)}")
                missed = MISSED_IN_A_ROW if refusal.status == FULL else missed + 1
            except Trouble as trouble:
                tally.add_error(trouble.message)
                missed = missed + 1 if trouble.is_away else 0
            if missed >= MISSED_IN_A_ROW:
                # The others would fare no better: a full disk, a server that is away, a folder that is read-only.
                tally.left = len(items) - done - 1
                return
            run.note(tally.counts())
        run.progress(current=before + done + 1)


def _sentence(refusal: Refusal) -> str:
    body = refusal.body
    return str(body.get("detail", "")) if isinstance(body, dict) else refusal.message
