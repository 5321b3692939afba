"""Replaces the generated signing key by a new one, with the old one kept for the tokens that it signed, or without.

Each file is replaced as a whole, the previous key's first: whoever reads in between, or after a crash in between, finds
the old key as both, and nobody is signed out.
"""

import os
from pathlib import Path

from librephotos.accounts.secret_key import (
    FILE_NAME,
    PREVIOUS_NAME,
    load_secret_key,
    new_key,
    read_previous,
    write_private,
)
from librephotos.errors import BadSetting
from librephotos.kit import clock
from librephotos.settings import Settings

DAY_SECONDS = 86_400


def refuse_rotation(settings: Settings, *, may_drop: bool) -> None:
    """Raise BadSetting, with what to do instead, where the key is not ours to replace or one too many would count.

    `may_drop`: the tokens of a previous key that still counts may end.
    """
    if settings.secret_key:
        raise BadSetting(
            "The key is given by LIBREPHOTOS_SECRET_KEY, so that no command can replace it. Put its value into "
            "LIBREPHOTOS_SECRET_KEY_PREVIOUS and a new one of at least 32 random characters into "
            f"LIBREPHOTOS_SECRET_KEY, start the server again, and unset the previous one after "
            f"{settings.refresh_token_days} days. After a leak leave the previous one unset from the beginning: then "
            "everybody signs in again."
        )
    if settings.secret_key_previous:
        raise BadSetting(
            "LIBREPHOTOS_SECRET_KEY_PREVIOUS is set, and only one previous key counts. Unset it, start the server "
            "again, then rotate."
        )
    if not (settings.data / FILE_NAME).exists():
        raise BadSetting(
            f"There is no key in {settings.data} to replace. The first start of a server makes it; is this its data "
            "folder, or does it take its key from LIBREPHOTOS_SECRET_KEY?"
        )
    previous = None if may_drop else read_previous(settings.data)
    if previous and previous[0] != load_secret_key(settings) and clock.now_seconds() < previous[1]:
        raise BadSetting(
            f"The key was rotated before, and its predecessor counts until {clock.iso(previous[1] * clock.SECOND)}. "
            "Rotate after that, or with --force, which signs out whoever signed in before that rotation."
        )


def rotate_key(settings: Settings, *, keep_previous: bool) -> int | None:
    """Put a new key into place; return the second until which the old one counts, None where it does not."""
    path, kept = settings.data / FILE_NAME, settings.data / PREVIOUS_NAME
    until = None
    if keep_previous:
        until = clock.now_seconds() + settings.refresh_token_days * DAY_SECONDS
        _replace(kept, f"{until}\n{load_secret_key(settings)}\n", like=path)
    else:
        kept.unlink(missing_ok=True)
    _replace(path, new_key(), like=path)
    return until


def _replace(path: Path, text: str, *, like: Path) -> None:
    owner = like.stat()
    draft = write_private(path, text)
    try:
        # Rotated by root, it still is the server's to read.
        if os.geteuid() == 0:
            os.chown(draft, owner.st_uid, owner.st_gid)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
