"""The keys of tokens: the one that signs, given by a setting or generated into the data folder, and the one before it.

After a rotation (key_rotation.py) the previous key verifies until the last token that it signed has expired. A running
server looks at the files again when they have changed, so that a rotation needs no restart.
"""

import os
import secrets
import threading
from pathlib import Path
from typing import Final

import msgspec
import structlog

from librephotos.errors import BadSetting
from librephotos.kit import clock
from librephotos.settings import Settings

log = structlog.get_logger()

FILE_NAME: Final = "secret.key"
PREVIOUS_NAME: Final = "secret.key.previous"
MIN_CHARS = 32
MIN_DIFFERENT_CHARS = 10
# Keys that stand in published examples and default configurations.
WELL_KNOWN = (
    "changeme",
    "change-me",
    "secret",
    "django-insecure",
    "your-secret-key",
    "librephotos",
    "password",
    "example",
)


class SigningKeys(msgspec.Struct, frozen=True):
    """`current` signs; `previous` (empty for none) only verifies, until the second `previous_until` if it has one."""

    current: str
    previous: str = ""
    previous_until: int | None = None


class KeySource:
    """The keys of a running process, read again when their files have changed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stamp = _stamp(settings)
        self.keys = load_signing_keys(settings)

    def has_changed(self) -> bool:
        """Whether `keys` are now others. What cannot be read leaves them as they were, and is logged once."""
        if self._settings.secret_key:
            return False
        stamp = _stamp(self._settings)
        until = self.keys.previous_until
        is_over = until is not None and clock.now_seconds() >= until
        if stamp == self._stamp and not is_over:
            return False
        # Taken before reading: what is replaced meanwhile differs from it the next time.
        self._stamp = stamp
        try:
            keys = _read_keys(self._settings, _read_key(self._settings.data / FILE_NAME))
        except (BadSetting, FileNotFoundError) as error:
            log.error("signing key not read anew", reason=str(error))
            keys = SigningKeys(self.keys.current) if is_over else self.keys
        if keys == self.keys:
            return False
        self.keys = keys
        log.info("signing key changed", has_previous=bool(keys.previous))
        return True


def load_signing_keys(settings: Settings) -> SigningKeys:
    """Return the keys, making the first one at the first start. Raises BadSetting for weak or unreadable ones."""
    return _read_keys(settings, load_secret_key(settings))


def load_secret_key(settings: Settings) -> str:
    """Return the signing key, making it at the first start. Raises BadSetting for a weak or unreadable one."""
    if settings.secret_key:
        _refuse_weak(settings.secret_key, "LIBREPHOTOS_SECRET_KEY")
        return settings.secret_key
    path = settings.data / FILE_NAME
    try:
        return _read_key(path)
    except FileNotFoundError:
        return make_private(path, new_key())


def read_previous(data: Path) -> tuple[str, int] | None:
    """Return the key before the present one and the second until which it counts, if a rotation left one."""
    path = data / PREVIOUS_NAME
    try:
        until, _, key = read_private(path).partition("\n")
    except FileNotFoundError:
        return None
    if not until.isascii() or not until.isdigit() or len(until) > 12:
        raise BadSetting(
            f"The key file {path} cannot be read; delete it, and tokens of the previous key end."
        )
    _refuse_weak(key.strip(), str(path))
    return key.strip(), int(until)


def write_private(path: Path, text: str) -> Path:
    """Write `text` beside `path` under another name, on the disk and with mode 0600; the caller puts it into place."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, text.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return draft


def new_key() -> str:
    return secrets.token_urlsafe(48)


def _read_keys(settings: Settings, current: str) -> SigningKeys:
    """Add the previous key to `current`: at most one, and a rotation's before a setting's."""
    rotated = None if settings.secret_key else read_previous(settings.data)
    # Equal to the current one, it is what an interrupted rotation left.
    if rotated is not None and rotated[0] != current and clock.now_seconds() < rotated[1]:
        return SigningKeys(current, *rotated)
    given = settings.secret_key_previous
    if given:
        _refuse_weak(given, "LIBREPHOTOS_SECRET_KEY_PREVIOUS")
    return SigningKeys(current, given if given != current else "")


def _read_key(path: Path) -> str:
    key = read_private(path)
    _refuse_weak(key, str(path))
    return key


def read_private(path: Path) -> str:
    """Return a file's text, and take it away from others than its owner. Raises FileNotFoundError or BadSetting."""
    try:
        text = path.read_text().strip()
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"The key file {path} cannot be read: {error}.") from error
    return text


def make_private(path: Path, text: str) -> str:
    """Write a key under another name and link it into place; return the one in place, so that two starts agree."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = write_private(path, text)
    try:
        os.link(draft, path)
    except FileExistsError:
        return path.read_text().strip()
    finally:
        draft.unlink()
    return text


def _stamp(settings: Settings) -> tuple[tuple[int, int, int] | None, ...]:
    """Return what differs once a key file was replaced."""
    return tuple(_stamp_of(settings.data / name) for name in (FILE_NAME, PREVIOUS_NAME))


def _stamp_of(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _refuse_weak(key: str, name: str) -> None:
    if len(key) < MIN_CHARS or len(set(key)) < MIN_DIFFERENT_CHARS:
        raise BadSetting(f"{name} is too weak: it needs at least {MIN_CHARS} random characters.")
    if any(word in key.lower() for word in WELL_KNOWN):
        raise BadSetting(
            f"{name} is a well-known value; remove it and a key is generated, or use random characters."
        )
