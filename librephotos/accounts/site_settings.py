"""Site settings as every room may read them: typed, with first values from the environment.

Stored is only what an admin changed; the key of the map service is sealed (`vault.py`). Who may change them, and their
form on the wire, is `site/`'s business.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec
import structlog
from sqlalchemy import select

from librephotos.accounts.facts import SETTINGS_VERSION, count_fact
from librephotos.accounts.password_policy import Policy
from librephotos.accounts.vault import Sealed, Vault
from librephotos.db.statements import statement, upsert
from librephotos.db.tables import site_setting
from librephotos.db.transactions import Tx
from librephotos.errors import Unavailable
from librephotos.kit import json
from librephotos.settings import Settings

log = structlog.get_logger()

NO_MODEL: Final = "None"
OFFLINE: Final = "offline"
MAP_PROVIDERS: Final = ("mapbox", "maptiler", "nominatim", "opencage", "photon", "tomtom", OFFLINE)
# What can really run, per field; a room that brings a model adds its name here.
INSTALLED_MODELS: Final[Mapping[str, tuple[str, ...]]] = {
    "captioning_model": (NO_MODEL,),
    "llm_model": (NO_MODEL,),
    "tagging_model": (NO_MODEL,),
    "ocr_model": (NO_MODEL,),
    "face_recognition_model": (NO_MODEL,),
}


class SiteSettings(msgspec.Struct, frozen=True):
    """The last two are ours. `password_policy`: the first-run page switches it to strict; the environment can only
    tighten it. `allow_public_links`: where it is off, no public link works and none can be made.

    `map_api_key` is the environment's, or one that was stored before keys were sealed; `map_key` tells which one holds.
    """

    allow_registration: bool = False
    allow_upload: bool = True
    skip_patterns: str = ""
    map_api_provider: str = OFFLINE
    map_api_key: str = ""
    sealed_map_api_key: str = ""
    map_tile_provider: str = "photoprism"
    captioning_model: str = NO_MODEL
    llm_model: str = NO_MODEL
    tagging_model: str = NO_MODEL
    ocr_model: str = NO_MODEL
    face_recognition_model: str = NO_MODEL
    nextcloud_enabled: bool = False
    auto_create_user_directory: bool = False
    password_policy: Literal["published", "strict"] = "published"  # noqa: S105
    allow_public_links: bool = True

    def policy(self, settings: Settings) -> Policy:
        """The stricter of what the environment and the admin ask."""
        return "strict" if "strict" in (settings.password_policy, self.password_policy) else "published"

    def map_key(self, vault: Vault) -> str:
        """Return the key of the map service, an empty one where there is none or it does not open any more."""
        if not self.sealed_map_api_key:
            return self.map_api_key
        try:
            return vault.open(self.sealed_map_api_key, _MAP_KEY_PLACE)
        except (Sealed, Unavailable):
            log.warning("the key of the map service does not open; it must be typed anew")
            return ""


_MAP_KEY: Final = "map_api_key"
_SEALED_MAP_KEY: Final = "sealed_map_api_key"
_MAP_KEY_PLACE: Final = "site setting map_api_key"
_ALL = statement(select(site_setting.c.name, site_setting.c.value))
_SET = statement(upsert(site_setting, key=["name"], update=["value"]))


def first_values(settings: Settings) -> SiteSettings:
    """What holds until an admin changes it."""
    return SiteSettings(
        allow_upload=settings.allow_upload,
        skip_patterns=settings.skip_patterns,
        map_api_provider=settings.map_api_provider if settings.map_api_provider in MAP_PROVIDERS else OFFLINE,
        map_api_key=settings.mapbox_api_key,
        map_tile_provider=settings.map_tile_provider,
    )


def get_site_settings(tx: Tx, settings: Settings) -> SiteSettings:
    """Return the settings in force, in one statement. A model that is no longer installed counts as none."""
    known = SiteSettings.__struct_fields__
    stored = {name: json.loads(value) for name, value in tx.all(_ALL) if name in known}
    for name, installed in INSTALLED_MODELS.items():
        if name in stored and stored[name] not in installed:
            del stored[name]
    return msgspec.structs.replace(first_values(settings), **stored)


def sealed_changes(vault: Vault, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stored of these changes: no key as it can be read. Raises Unavailable."""
    stored = dict(changes)
    if _MAP_KEY in stored:
        key = stored[_MAP_KEY]
        stored |= {_MAP_KEY: "", _SEALED_MAP_KEY: vault.seal(key, _MAP_KEY_PLACE) if key else ""}
    return stored


def seal_stored(tx: Tx, vault: Vault) -> None:
    """Seal a key that stands there as it can be read, from before keys were sealed. Raises Unavailable."""
    stored = {name: json.loads(value) for name, value in tx.all(_ALL)}
    if stored.get(_MAP_KEY):
        store_site_settings(tx, sealed_changes(vault, {_MAP_KEY: stored[_MAP_KEY]}))


def store_site_settings(tx: Tx, changes: Mapping[str, Any]) -> None:
    """Store what changes and count the version, which is part of every ETag."""
    tx.lock("site settings")
    for name, value in changes.items():
        tx.execute(_SET, name=name, value=json.dumps(value))
    count_fact(tx, SETTINGS_VERSION)
