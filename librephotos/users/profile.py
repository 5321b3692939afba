"""Turns bodies into columns and rows into what is sent. Decisions only: no database, no disk."""

from typing import Any, Final

from pydantic import BaseModel

from librephotos.accounts.defaults import AccountDefaults
from librephotos.kit import clock, json
from librephotos.users.inputs import LlmSettings, SharingDefaults
from librephotos.users.rows import UserRow
from librephotos.users.schemas import FullUser, ListedUser, ManagedUser, PhotoSample, PublicUser

DELETED_USERNAME: Final = "deleted"
AVATAR_PATH: Final = "/media/avatars/"
LLM_DEFAULTS: Final[dict[str, Any]] = LlmSettings().model_dump()
SHARING_DEFAULTS: Final[dict[str, bool]] = SharingDefaults().model_dump()
_JSON_COLUMNS: Final = (
    "burst_detection_rules",
    "llm_settings",
    "public_sharing_defaults",
    "default_timeline_filter",
)
_RENAMED: Final = {"slideshow_interval": "slideshow_interval_seconds"}
_NOT_COLUMNS: Final = frozenset(
    {"password", "current_password", "avatar", "nextcloud_app_password", "setup_token"}
)


def to_columns(data: BaseModel) -> dict[str, Any]:
    """Return the columns that a body sets: only what was sent."""
    sent = [
        name for name in type(data).model_fields if name in data.model_fields_set and name not in _NOT_COLUMNS
    ]
    columns: dict[str, Any] = {}
    for name in sent:
        value = getattr(data, name)
        if isinstance(value, BaseModel):
            value = value.model_dump()
        if name in _JSON_COLUMNS and value is not None:
            value = json.dumps(value)
        columns[_RENAMED.get(name, name)] = value
    return columns


def avatar_url(avatar: str | None) -> str | None:
    return f"{AVATAR_PATH}{avatar}" if avatar else None


def public_user(row: UserRow, samples: list[PhotoSample]) -> PublicUser:
    return PublicUser(**_public(row, samples))


def listed_user(row: UserRow, samples: list[PhotoSample]) -> ListedUser:
    return ListedUser(**_public(row, samples))


def _public(row: UserRow, samples: list[PhotoSample]) -> dict[str, Any]:
    return {
        "id": row.id,
        "avatar_url": avatar_url(row.avatar),
        "username": row.username,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "public_photo_count": row.public_photo_count,
        "public_photo_samples": samples,
        "public_sharing": row.public_sharing,
    }


def full_user(row: UserRow, samples: list[PhotoSample], base: str, defaults: AccountDefaults) -> FullUser:
    """Return everything its owner may see; `base` is scheme and host for the absolute address of the picture."""
    url = avatar_url(row.avatar)
    return FullUser(
        id=row.id,
        username=row.username,
        email=row.email,
        scan_directory=row.scan_directory,
        confidence=row.confidence,
        confidence_person=row.confidence_person,
        transcode_videos=row.transcode_videos,
        semantic_search_topk=row.semantic_search_topk,
        first_name=row.first_name,
        public_photo_samples=samples,
        last_name=row.last_name,
        public_photo_count=row.public_photo_count,
        date_joined=clock.iso(row.joined_at),
        avatar=f"{base}{url}" if url else None,
        is_superuser=row.is_superuser,
        photo_count=row.photo_count,
        nextcloud_server_address=row.nextcloud_server_address,
        nextcloud_username=row.nextcloud_username,
        nextcloud_scan_directory=row.nextcloud_scan_directory,
        avatar_url=url,
        favorite_min_rating=row.favorite_min_rating,
        image_scale=row.image_scale,
        text_alignment=row.text_alignment,
        header_size=row.header_size,
        save_metadata_to_disk=row.save_metadata_to_disk,
        save_face_tags_to_disk=row.save_face_tags_to_disk,
        datetime_rules=defaults.datetime_rules if row.datetime_rules is None else row.datetime_rules,
        burst_detection_rules=_stored(row.burst_detection_rules, defaults.burst_rules),
        llm_settings={**LLM_DEFAULTS, **_stored(row.llm_settings, {})},
        default_timezone=row.default_timezone,
        public_sharing=row.public_sharing,
        public_sharing_defaults={**SHARING_DEFAULTS, **_stored(row.public_sharing_defaults, {})},
        min_cluster_size=row.min_cluster_size,
        confidence_unknown_face=row.confidence_unknown_face,
        min_samples=row.min_samples,
        cluster_selection_epsilon=row.cluster_selection_epsilon,
        skip_raw_files=row.skip_raw_files,
        stack_raw_jpeg=row.stack_raw_jpeg,
        slideshow_interval=row.slideshow_interval_seconds,
        duplicate_sensitivity=row.duplicate_sensitivity,
        duplicate_clear_existing=row.duplicate_clear_existing,
        default_timeline_filter=_stored(row.default_timeline_filter, {}),
    )


def managed_user(row: UserRow) -> ManagedUser:
    return ManagedUser(
        username=row.username,
        scan_directory=row.scan_directory,
        upload_directory=row.upload_directory,
        skip_raw_files=row.skip_raw_files,
        stack_raw_jpeg=row.stack_raw_jpeg,
        confidence=row.confidence,
        semantic_search_topk=row.semantic_search_topk,
        last_login=clock.iso_or_none(row.last_login_at),
        date_joined=clock.iso(row.joined_at),
        photo_count=row.photo_count,
        id=row.id,
        favorite_min_rating=row.favorite_min_rating,
        image_scale=row.image_scale,
        save_metadata_to_disk=row.save_metadata_to_disk,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        is_active=row.is_active,
        is_staff=row.is_staff,
        is_superuser=row.is_superuser,
    )


def _stored(text: str | None, default: Any) -> Any:  # any JSON value
    return default if text is None else json.loads(text)
