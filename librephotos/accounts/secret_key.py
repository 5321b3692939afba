"""The key that signs tokens: given by a setting, or generated once into the data folder with mode 0600."""

import os
import secrets
from pathlib import Path

from librephotos.errors import BadSetting
from librephotos.settings import Settings

FILE_NAME = "secret.key"
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


def load_secret_key(settings: Settings) -> str:
    """Return the signing key, making it at the first start. Raises BadSetting for a weak or unreadable one."""
    if settings.secret_key:
        _refuse_weak(settings.secret_key, "LIBREPHOTOS_SECRET_KEY")
        return settings.secret_key
    path = settings.data / FILE_NAME
    try:
        key = path.read_text().strip()
    except FileNotFoundError:
        return _generate(path)
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"The key file {path} cannot be read: {error}.") from error
    _refuse_weak(key, str(path))
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return key


def _generate(path: Path) -> str:
    """Write a new key under another name and link it into place, so that two first starts agree on one."""
    key = secrets.token_urlsafe(48)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{FILE_NAME}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, key.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(draft, path)
    except FileExistsError:
        return path.read_text().strip()
    finally:
        draft.unlink()
    return key


def _refuse_weak(key: str, name: str) -> None:
    if len(key) < MIN_CHARS or len(set(key)) < MIN_DIFFERENT_CHARS:
        raise BadSetting(f"{name} is too weak: it needs at least {MIN_CHARS} random characters.")
    if any(word in key.lower() for word in WELL_KNOWN):
        raise BadSetting(
            f"{name} is a well-known value; remove it and a key is generated, or use random characters."
        )
