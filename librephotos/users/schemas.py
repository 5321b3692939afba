"""Accounts on the wire, in the published order of keys: for strangers, for lists, for their owner, for admins."""

from typing import Any

import msgspec


class PhotoSample(msgspec.Struct):
    """PhotoSuperSimple."""

    image_hash: str
    rating: int
    hidden: bool
    exif_timestamp: str | None
    public: bool
    video: bool


class PublicUser(msgspec.Struct):
    """What everybody may know of a person."""

    id: int
    avatar_url: str | None
    username: str
    first_name: str
    last_name: str
    public_photo_count: int
    public_photo_samples: list[PhotoSample]
    public_sharing: bool


class ListedUser(PublicUser):
    """A PublicUser followed by constants that tell nothing: the web client of 2024 drops a list of partial rows."""

    email: str = ""
    confidence: float = 0.1
    confidence_person: float = 0.9
    transcode_videos: bool = False
    semantic_search_topk: int = 0
    date_joined: str = "1970-01-01T00:00:00Z"
    avatar: None = None
    photo_count: int = 0
    nextcloud_server_address: None = None
    nextcloud_username: None = None
    nextcloud_scan_directory: None = None
    favorite_min_rating: int = 4
    image_scale: float = 1.0
    save_metadata_to_disk: str = "OFF"
    datetime_rules: str = "[]"
    llm_settings: None = None
    default_timezone: str = "UTC"
    min_cluster_size: int = 0
    confidence_unknown_face: float = 0.5
    min_samples: int = 1
    cluster_selection_epsilon: float = 0.05
    face_recognition_model: str = "HOG"


class FullUser(msgspec.Struct):
    """A person's own account, or any for admins. `face_recognition_model` is a constant for clients of 2024."""

    id: int
    username: str
    email: str
    scan_directory: str
    confidence: float
    confidence_person: float
    transcode_videos: bool
    semantic_search_topk: int
    first_name: str
    public_photo_samples: list[PhotoSample]
    last_name: str
    public_photo_count: int
    date_joined: str
    avatar: str | None
    is_superuser: bool
    photo_count: int
    nextcloud_server_address: str | None
    nextcloud_username: str | None
    nextcloud_scan_directory: str | None
    avatar_url: str | None
    favorite_min_rating: int
    image_scale: float
    text_alignment: str
    header_size: str
    save_metadata_to_disk: str
    save_face_tags_to_disk: bool
    datetime_rules: str
    burst_detection_rules: list[Any]
    llm_settings: dict[str, Any]
    default_timezone: str
    public_sharing: bool
    public_sharing_defaults: dict[str, bool]
    min_cluster_size: int
    confidence_unknown_face: float
    min_samples: int
    cluster_selection_epsilon: float
    skip_raw_files: bool
    stack_raw_jpeg: bool
    slideshow_interval: int
    duplicate_sensitivity: str
    duplicate_clear_existing: bool
    default_timeline_filter: dict[str, Any]
    face_recognition_model: str = "HOG"


class ManagedUser(msgspec.Struct):
    """A row of the admin's table; the last three are ours."""

    username: str
    scan_directory: str
    upload_directory: str
    skip_raw_files: bool
    stack_raw_jpeg: bool
    confidence: float
    semantic_search_topk: int
    last_login: str | None
    date_joined: str
    photo_count: int
    id: int
    favorite_min_rating: int
    image_scale: float
    save_metadata_to_disk: str
    email: str
    first_name: str
    last_name: str
    is_active: bool
    is_staff: bool
    is_superuser: bool


class SignedUp(msgspec.Struct):
    username: str
    email: str
    first_name: str
    last_name: str


class FirstTimeSetup(msgspec.Struct, rename={"is_first_time_setup": "isFirstTimeSetup"}):
    is_first_time_setup: bool
