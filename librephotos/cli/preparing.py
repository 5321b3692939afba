"""What stands before the work of a command: settings, a data folder, a key, and a database of this version."""

import os
from pathlib import Path

import structlog

from librephotos.accounts.secret_key import load_secret_key
from librephotos.errors import BadSetting, Unavailable
from librephotos.settings import Settings, list_ignored, list_unknown, load_settings

log = structlog.get_logger()


def prepared(overrides: dict[str, object]) -> Settings:
    """Return the settings with a data folder that only its owner reads, a key and a database of this version."""
    # SQLAlchemy with it, which the start of a server imports beside its child.
    from librephotos.db.migrate import migrate

    settings = load_settings(**overrides)
    prepare_data(settings.data)
    load_secret_key(settings)
    if migrate(settings.database, settings.data):
        _seal_secrets(settings)
    return settings


def _seal_secrets(settings: Settings) -> None:
    """Seal what an older version had stored as it can be read. What cannot be sealed now is when it is stored next."""
    from librephotos.accounts.site_settings import seal_stored
    from librephotos.accounts.vault import Vault
    from librephotos.db.database import Database

    db = Database(settings.database)
    try:
        db.commit(seal_stored, Vault(settings.data))
    except Unavailable:
        log.warning("the key of the map service could not be sealed; store it anew")
    finally:
        db.close()


def prepare_data(data: Path) -> None:
    """Make the data folder. Raises BadSetting when it cannot be written."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(f"The data folder {data} cannot be made: {error.strerror}.") from error
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        raise BadSetting(
            f"The data folder {data} cannot be written by this user; change its owner or choose another."
        )


def mention_odd_names() -> None:
    """Log once each name of the environment that does nothing."""
    for name in list_ignored():
        log.warning("setting ignored: it has no meaning here", name=name)
    for name in list_unknown():
        log.warning("setting unknown: is it misspelled?", name=name)
