"""Site settings, directories and storage on the wire, in the published order of keys."""

import msgspec


class SiteSettingsAnswer(msgspec.Struct):
    """`heavyweight_process` is a constant that the web client of 2024 requires."""

    allow_registration: bool
    allow_upload: bool
    skip_patterns: str
    heavyweight_process: int
    map_api_provider: str
    map_api_key: str
    map_tile_provider: str
    captioning_model: str
    llm_model: str
    tagging_model: str
    ocr_model: str
    face_recognition_model: str
    nextcloud_enabled: bool
    auto_create_user_directory: bool
    email_configured: bool


class Directory(msgspec.Struct):
    title: str
    absolute_path: str
    children: list["Directory"]


class Storage(msgspec.Struct):
    """Bytes of the disk with the library."""

    total_storage: int
    used_storage: int
    free_storage: int


class ImageTag(msgspec.Struct):
    image_tag: str
    git_hash: str
