"""Bodies of the endpoints of persons and faces. Which keys were sent is read from `model_fields_set`."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from librephotos.http.fields import CHECKS, Input, RawText
from librephotos.kit.ids import MAX_ID

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128), *CHECKS]
NewName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), *CHECKS]


def _whole(value: Any) -> Any:  # any JSON value
    if isinstance(value, bool | float):
        raise PydanticCustomError("not_whole", "A valid integer is required.")
    return value


FaceId = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=MAX_ID)]


class PersonInput(Input):
    name: Name


class PersonChangeInput(Input):
    """A new name, or else a cover: the hash or UUID of a photo."""

    newPersonName: NewName = ""  # noqa: N815  # published
    cover_photo: RawText = ""


class PersonReplaceInput(Input):
    name: Name
    newPersonName: NewName = ""  # noqa: N815  # published


class LabelInput(Input):
    face_ids: list[FaceId]
    person_name: RawText = ""


class FacesInput(Input):
    face_ids: list[FaceId]


class DrawInput(Input):
    """`box` has edges as fractions of the picture as it is shown. What is wrong is told in a shape of its own."""

    photo: object = None
    person_name: object = None
    box: object = None
