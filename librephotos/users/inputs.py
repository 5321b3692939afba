"""Bodies of the account endpoints. Which keys were sent is read from `model_fields_set`; the rest stay as they are."""

from typing import Literal

from pydantic import Field

from librephotos.http.fields import Input, RawText
from librephotos.users.field_types import (
    Address,
    AnyInt,
    Avatar,
    BurstRules,
    Count,
    DateRules,
    Distance,
    Email,
    Name,
    Number,
    PathText,
    Probability,
    Prompt,
    SampleCount,
    ShortText,
    StarCount,
    TimelineFilter,
    Username,
    ZoneName,
)


class LlmSettings(Input):
    enabled: bool = False
    add_person: bool = False
    add_location: bool = False
    add_keywords: bool = False
    add_camera: bool = False
    add_lens: bool = False
    add_album: bool = False
    sentiment: AnyInt = 0
    custom_prompt: Prompt = ""
    custom_prompt_enabled: bool = False


class SharingDefaults(Input):
    share_location: bool = False
    share_camera_info: bool = False
    share_timestamps: bool = False
    share_captions: bool = False
    share_faces: bool = False


class SignUpInput(Input):
    """Sign-up. `is_superuser` is accepted and ignored: the first account becomes the admin, others do not.

    `password_policy` is `strict` where this password shall be held to the strict policy; with the first account, all
    later ones as well.
    """

    username: Username
    password: RawText
    email: Email
    first_name: Name
    last_name: Name
    is_superuser: object = None
    setup_token: RawText = ""
    password_policy: RawText = ""


class ProfileInput(Input):
    """What people change of their own account. `password` may be empty, which leaves it as it is."""

    password: RawText = ""
    current_password: RawText = ""
    avatar: Avatar = None
    email: Email = ""
    first_name: Name = ""
    last_name: Name = ""
    transcode_videos: bool = False
    nextcloud_server_address: Address | None = None
    nextcloud_username: ShortText | None = None
    nextcloud_app_password: ShortText | None = None
    nextcloud_scan_directory: PathText | None = None
    confidence: Probability = 0.0
    confidence_person: Probability = 0.0
    semantic_search_topk: Count = 0
    favorite_min_rating: StarCount = 0
    save_metadata_to_disk: Literal["OFF", "MEDIA_FILE", "SIDECAR_FILE"] = "OFF"
    image_scale: Number = 1.0
    datetime_rules: DateRules = "[]"
    default_timezone: ZoneName = "UTC"
    public_sharing: bool = False
    min_cluster_size: Count = 0
    confidence_unknown_face: Probability = 0.0
    min_samples: SampleCount = 1
    cluster_selection_epsilon: Distance = 0.0
    llm_settings: LlmSettings | None = None
    text_alignment: Literal["left", "right"] = "right"
    header_size: Literal["large", "normal", "small"] = "large"
    save_face_tags_to_disk: bool = False
    burst_detection_rules: BurstRules = Field(default_factory=list)
    public_sharing_defaults: SharingDefaults = SharingDefaults()
    skip_raw_files: bool = False
    stack_raw_jpeg: bool = True
    slideshow_interval: Count = 5
    duplicate_sensitivity: Literal["strict", "normal", "loose"] = "normal"
    duplicate_clear_existing: bool = False
    default_timeline_filter: TimelineFilter = Field(default_factory=dict)


class NewUserInput(ProfileInput):
    """An account made by a superuser: any setting may come with it."""

    username: Username
    password: RawText
    is_superuser: bool = False
    is_staff: bool = False
    scan_directory: PathText = ""
    upload_directory: PathText = ""


class ManageInput(Input):
    """What admins set of any account; the three flags are for superusers."""

    password: RawText = ""
    current_password: RawText = ""
    scan_directory: PathText = ""
    upload_directory: PathText = ""
    skip_raw_files: bool = False
    stack_raw_jpeg: bool = True
    username: Username = ""
    email: Email = ""
    first_name: Name = ""
    last_name: Name = ""
    is_active: bool = True
    is_staff: bool = False
    is_superuser: bool = False
