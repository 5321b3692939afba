"""Bodies of the bulk requests, and of small ones. A flag is a JSON boolean and nothing that merely looks like one."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictBool
from pydantic_core import PydanticCustomError

from librephotos.http.fields import Input, OptionalText, RawText
from librephotos.kit.ids import MAX_ID
from librephotos.photos.selection import NO_INTEGER, SelectionInput


def _whole(value: object) -> object:
    if isinstance(value, bool | float):
        raise PydanticCustomError("not_whole", NO_INTEGER)
    return value


class FavoriteInput(SelectionInput):
    favorite: StrictBool


class HideInput(SelectionInput):
    hidden: StrictBool


class TrashInput(SelectionInput):
    deleted: StrictBool


class PublicInput(SelectionInput):
    val_public: StrictBool


class CategoryInput(SelectionInput):
    category: Literal["photo", "screenshot", "document", "auto"]


class ShareInput(SelectionInput):
    """`target_user_id` may be a text of digits."""

    target_user_id: Annotated[int, BeforeValidator(_whole), Field(ge=0, le=MAX_ID)]
    val_shared: StrictBool


class MainFileInput(Input):
    """A missing name is refused in a shape of its own, so that it may be missing here."""

    file_hash: OptionalText = ""


class CopyInput(Input):
    """One file of a photo, by its whole path."""

    image_hash: RawText
    path: RawText


class ClassifyInput(Input):
    """`full_scan`: all photos, not only those without a result."""

    full_scan: bool = False
