"""An account's row as read: the columns that any of the published shapes needs, and no secret."""

import msgspec


class UserRow(msgspec.Struct, frozen=True):
    """Fields are named like the columns and stand in the order in which `queries.py` selects them."""

    id: int
    username: str
    email: str
    first_name: str
    last_name: str
    is_active: bool
    is_staff: bool
    is_superuser: bool
    joined_at: int
    last_login_at: int | None
    photo_count: int
    public_photo_count: int
    scan_directory: str
    upload_directory: str
    avatar: str | None
    confidence: float
    confidence_person: float
    confidence_unknown_face: float
    min_cluster_size: int
    min_samples: int
    cluster_selection_epsilon: float
    semantic_search_topk: int
    transcode_videos: bool
    favorite_min_rating: int
    image_scale: float
    text_alignment: str
    header_size: str
    slideshow_interval_seconds: int
    save_metadata_to_disk: str
    save_face_tags_to_disk: bool
    datetime_rules: str | None
    burst_detection_rules: str | None
    default_timezone: str
    llm_settings: str | None
    public_sharing: bool
    public_sharing_defaults: str | None
    default_timeline_filter: str | None
    skip_raw_files: bool
    stack_raw_jpeg: bool
    duplicate_sensitivity: str
    duplicate_clear_existing: bool
    nextcloud_server_address: str | None
    nextcloud_username: str | None
    nextcloud_scan_directory: str | None
