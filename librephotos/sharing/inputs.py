"""Bodies of the sharing endpoints. What is missing is refused in their own words, so that it may be missing here."""

from typing import Annotated

from pydantic import AfterValidator, StrictBool
from pydantic_core import PydanticCustomError

from librephotos.albums.inputs import RowNumber
from librephotos.http.fields import Input, OptionalText, RawText, Time
from librephotos.sharing.slugs import BAD_CHARS, MAX_CHARS, MIN_CHARS, is_slug


def _check_slug(slug: str) -> str:
    if len(slug) > MAX_CHARS:
        raise PydanticCustomError("refused", f"Ensure this field has no more than {MAX_CHARS} characters.")
    if slug and not is_slug(slug):
        raise PydanticCustomError("refused", BAD_CHARS)
    if slug and len(slug) < MIN_CHARS:
        raise PydanticCustomError("refused", f"Ensure this field has at least {MIN_CHARS} characters.")
    return slug


class LinkOptionsInput(Input):
    """Null inherits the owner's default."""

    share_location: StrictBool | None = None
    share_camera_info: StrictBool | None = None
    share_timestamps: StrictBool | None = None
    share_captions: StrictBool | None = None
    share_faces: StrictBool | None = None


class AlbumLinkInput(Input):
    """Keys that are absent keep their value; without a slug of one's own the server makes one."""

    album_id: RowNumber | None = None
    val_public: bool | None = None
    slug: Annotated[OptionalText, AfterValidator(_check_slug)] | None = None
    expires_at: Time | None = None
    sharing_options: LinkOptionsInput | None = None


class PhotoLinkInput(Input):
    """`photo_id` is a UUID or a hash; `action` is `enable`, `rotate` or `disable`."""

    photo_id: RawText | None = None
    action: RawText | None = "enable"
