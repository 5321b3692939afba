"""What may be said about site settings, and how they are shown. Decisions only."""

import json
from collections.abc import Mapping
from typing import Any, Final

from librephotos.accounts.site_settings import INSTALLED_MODELS, MAP_PROVIDERS, NO_MODEL, SiteSettings
from librephotos.errors import BadInput
from librephotos.site.schemas import SiteSettingsAnswer

BOOLEAN, STRING, NUMBER = "boolean", "string", "number"
MAX_CHARS: Final = 10_000
# In the order in which errors are told. The last two are ours; `password_policy` is shown
# nowhere, and made strict by the first-run page.
FIELDS: Final[Mapping[str, str]] = {
    "allow_registration": BOOLEAN,
    "allow_upload": BOOLEAN,
    "skip_patterns": STRING,
    "heavyweight_process": NUMBER,
    "map_api_provider": STRING,
    "map_api_key": STRING,
    "map_tile_provider": STRING,
    "captioning_model": STRING,
    "llm_model": STRING,
    "tagging_model": STRING,
    "ocr_model": STRING,
    "face_recognition_model": STRING,
    "nextcloud_enabled": BOOLEAN,
    "auto_create_user_directory": BOOLEAN,
    "password_policy": STRING,
    "allow_public_links": BOOLEAN,
}
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "map_api_provider": MAP_PROVIDERS,
    "password_policy": ("published", "strict"),
}

# For the API document.
SETTINGS_SCHEMA: Final[dict[str, Any]] = {
    "title": "SiteSettings",
    "type": "object",
    "properties": {
        name: {
            "type": [kind, "null"] if kind == NUMBER else kind,
            **({"enum": list(CHOICES[name])} if name in CHOICES else {}),
        }
        for name, kind in FIELDS.items()
    },
    "minProperties": 1,
}


def parse_changes(fields: object) -> dict[str, Any]:
    """Return what to store. Raises BadInput with one entry a wrong field."""
    if not isinstance(fields, Mapping):
        raise BadInput.of("non_field_errors", "Invalid data. Expected a dictionary.")
    known = {name: fields[name] for name in FIELDS if name in fields}
    if not known:
        raise BadInput.of("non_field_errors", "No known setting was sent.")
    problems = [(name, text) for name, value in known.items() if (text := _problem(name, value))]
    if problems:
        raise BadInput(entries=problems)
    return {
        name: NO_MODEL if name in INSTALLED_MODELS and _is_off(value) else value
        for name, value in known.items()
        if name != "heavyweight_process"
    }


def told_changes(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the audit log tells: switches and choices as they are, of other texts only that they were set."""
    return {
        name: value if isinstance(value, bool) or name in CHOICES or name in INSTALLED_MODELS else "set"
        for name, value in changes.items()
    }


def _problem(name: str, value: object) -> str | None:
    kind = FIELDS[name]
    if not _is_of(kind, value):
        return f"{json.dumps(value, ensure_ascii=False)} is not of type '{kind}'"
    if isinstance(value, str):
        return _text_problem(name, value)
    return None


def _is_of(kind: str, value: object) -> bool:
    if kind == BOOLEAN:
        return isinstance(value, bool)
    if kind == STRING:
        return isinstance(value, str)
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _text_problem(name: str, value: str) -> str | None:
    if len(value) > MAX_CHARS:
        return f"Ensure this field has no more than {MAX_CHARS} characters."
    if "\x00" in value:
        return "Null characters are not allowed."
    try:
        value.encode()
    except UnicodeEncodeError:
        return "Not a valid string."
    installed = INSTALLED_MODELS.get(name)
    if installed is not None and value not in installed and not _is_off(value):
        return f'"{value}" is not installed on this server. Installed: {", ".join(installed)}.'
    if name in CHOICES and value not in CHOICES[name]:
        return f'"{value}" is not a valid choice.'
    return None


def _is_off(model: str) -> bool:
    """`None`, `none` and an empty name all mean that there shall be no model: releases spell it differently."""
    return model.strip().lower() in ("", NO_MODEL.lower())


def site_settings_answer(
    site: SiteSettings, map_key: str, *, can_mail: bool, can_reset: bool
) -> SiteSettingsAnswer:
    """Return what is sent; `map_key` is the key of the map service for admins, nothing for others."""
    return SiteSettingsAnswer(
        allow_registration=site.allow_registration,
        allow_upload=site.allow_upload,
        skip_patterns=site.skip_patterns,
        heavyweight_process=0,
        map_api_provider=site.map_api_provider,
        map_api_key=map_key,
        map_tile_provider=site.map_tile_provider,
        captioning_model=site.captioning_model,
        llm_model=site.llm_model,
        tagging_model=site.tagging_model,
        ocr_model=site.ocr_model,
        face_recognition_model=site.face_recognition_model,
        nextcloud_enabled=site.nextcloud_enabled,
        auto_create_user_directory=site.auto_create_user_directory,
        email_configured=can_mail,
        allow_public_links=site.allow_public_links,
        password_reset=can_reset,
    )
