"""Bodies of the album endpoints. Which keys were sent is read from `model_fields_set`."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from librephotos.http.fields import CHECKS, Input, RawText
from librephotos.kit.ids import MAX_ID
from librephotos.photos.selection import SelectionInput

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=512), *CHECKS]


def _whole(value: Any) -> Any:  # any JSON value
    if isinstance(value, bool | float):
        raise PydanticCustomError("not_whole", "A valid integer is required.")
    return value


RowNumber = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=MAX_ID)]


class TitleInput(Input):
    title: Title


class AlbumChangeInput(SelectionInput):
    """Photos by UUID or hash. With `select_all` those that the query describes are added instead of `photos`."""

    title: Title = ""
    photos: list[RawText] = Field(default_factory=list)
    removedPhotos: list[RawText] = Field(default_factory=list)  # noqa: N815  # published
    cover_photo: RawText | None = None
    favorited: bool = False
    locked: bool = False


class AlbumInput(AlbumChangeInput):
    title: Title
    photos: list[RawText]


class AlbumShareInput(Input):
    album_id: RowNumber
    target_user_id: RowNumber
    shared: bool


class EventInput(Input):
    title: Title = ""
    favorited: bool = False


class NewEventInput(EventInput):
    """With all that PUT asks for."""

    title: Title


class TagInput(Input):
    name: Title


class TagPhotosInput(SelectionInput):
    """Photos by UUID or hash, or by what a grid shows."""

    photos: list[RawText] = Field(default_factory=list)


class TagMergeInput(Input):
    """`tag` is the one whose photos join the tag in the path; it is deleted."""

    tag: object = None
