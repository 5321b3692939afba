"""Site settings, directories and storage on the wire, in the published order of keys."""

from typing import Any

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
    allow_public_links: bool
    password_reset: bool


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


class Stats(msgspec.Struct):
    """Exactly these ten: a sensor of Home Assistant breaks on an eleventh."""

    num_photos: int
    num_missing_photos: int
    num_faces: int
    num_people: int
    num_unknown_faces: int
    num_labeled_faces: int
    num_inferred_faces: int
    num_albumauto: int
    num_albumdate: int
    num_albumuser: int


class CategoryStats(Stats):
    """With `?categories=true`."""

    num_screenshots: int
    num_documents: int

    @classmethod
    def beside(cls, stats: Stats, screenshots: int, documents: int) -> "CategoryStats":
        counts: dict[str, int] = msgspec.structs.asdict(stats)
        return cls(**counts, num_screenshots=screenshots, num_documents=documents)


class MonthCount(msgspec.Struct):
    """`month` is `2019-7`, without a leading zero."""

    month: str
    count: int


class Word(msgspec.Struct):
    """`y` is the natural logarithm of how often it is there."""

    label: str
    y: float


class WordCloud(msgspec.Struct):
    captions: list[Word]
    people: list[Word]
    locations: list[Word]


class PlaceLeaf(msgspec.Struct):
    name: str
    value: int
    hex: str


class Region(msgspec.Struct):
    name: str
    hex: str
    children: list[PlaceLeaf]


class PlaceRing(msgspec.Struct):
    name: str
    hex: str
    children: list[Region]


class PlaceRoot(msgspec.Struct):
    name: str
    children: list[PlaceRing]


class Stay(msgspec.Struct):
    """Seconds since 1970 of the wall-clock time read as UTC; `data` is the one length in seconds."""

    data: list[float]
    color: str
    loc: str
    start: float
    end: float


class LogLines(msgspec.Struct):
    """`logs` are the lines as they stand in the file, each with its end."""

    logs: str
    count: int


class NoLogLines(LogLines):
    error: str


class Services(msgspec.Struct):
    """Name and port of each; 0 for what has none."""

    services: dict[str, int]


class ServiceHealth(msgspec.Struct):
    """`feature_flag` is the setting, without its prefix, that switches it off."""

    service_name: str
    healthy: bool
    enabled: bool
    feature_flag: str | None


class ServiceRefused(msgspec.Struct):
    error: str
    feature_flag: str | None


class Spread(msgspec.Struct):
    """How many groups there are, and how many photos or faces they have; null for zero and unknown."""

    count: int
    min: int | None
    max: int | None
    mean: float | None
    median: float | None


class SpreadWithVideos(Spread):
    min_videos: int | None
    max_videos: int | None
    mean_videos: float | None
    median_videos: float | None


class AccountNumbers(msgspec.Struct):
    """Of one account; `date_joined` is `dd-mm-YYYY`, null stands for zero."""

    date_joined: str
    total_file_size_in_mb: int | None
    number_of_photos: int | None
    number_of_videos: int | None
    number_of_screenshots: int | None
    number_of_documents: int | None
    number_of_captions: int | None
    number_of_generated_captions: int | None
    number_of_clusters: int | None
    number_of_favorites: int | None
    number_of_hidden: int | None
    number_of_public: int | None
    album: SpreadWithVideos
    person: Spread
    places: SpreadWithVideos
    things: SpreadWithVideos
    events: SpreadWithVideos


class ServerStats(msgspec.Struct):
    """Sizes are whole MiB; `gpu_*` are empty, because nothing here uses one."""

    cpu_info: dict[str, Any]
    image_tag: str
    available_ram_in_mb: int | None
    gpu_name: str
    gpu_memory_in_mb: str
    total_storage_in_mb: int
    used_storage_in_mb: int
    free_storage_in_mb: int
    number_of_users: int
    users: list[AccountNumbers]


class Blocking(msgspec.Struct, omit_defaults=True):
    """The first part of a path that keeps the server out; `mode` is octal, all three missing where it is not there."""

    path: str
    kind: str
    mode: str | None = None
    uid: int | None = None
    gid: int | None = None


class ProcessIds(msgspec.Struct):
    """Of the server's process."""

    uid: int
    gid: int


class MountFacts(msgspec.Struct):
    """`permissions_from_mount`: the file system gives every file the same rights."""

    point: str
    type: str
    options: list[str]
    read_only: bool
    permissions_from_mount: bool
    network: bool


class Diagnosis(msgspec.Struct):
    """Why a file cannot be served; `cause` is `unknown` for one that can."""

    path: str | None
    exists: bool
    readable_by_webserver: bool
    cause: str
    blocking: Blocking | None
    webserver: ProcessIds | msgspec.UnsetType = msgspec.UNSET
    mount: MountFacts | msgspec.UnsetType | None = msgspec.UNSET
    remedies: list[str] = []


class NoPhoto(msgspec.Struct):
    detail: str


class EmailPreset(msgspec.Struct):
    """A mail service; `host` is missing where each region has another."""

    label: str
    port: int
    use_tls: bool
    use_ssl: bool
    help_url: str
    host: str | msgspec.UnsetType = msgspec.UNSET
    default_username: str | msgspec.UnsetType = msgspec.UNSET


class EmailConfig(msgspec.Struct):
    provider: str
    from_email: str
    host: str
    port: int
    use_tls: bool
    use_ssl: bool
    username: str
    has_secret: bool
    is_configured: bool
    presets: dict[str, EmailPreset]
