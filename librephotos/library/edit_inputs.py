"""The body that edits a photo's time, position and category. What it may not change is checked and left alone."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from librephotos.http.fields import CHECKS, Input

INT32 = 2**31 - 1


def _moment(value: object) -> object:
    """Read an ISO 8601 text; the wall-clock time is what it says in UTC, and without an offset as it stands."""
    if value is None or isinstance(value, datetime):
        return value
    try:
        moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
        if moment is not None:
            return (moment.astimezone(UTC) if moment.tzinfo else moment).replace(tzinfo=None)
    except (ValueError, OverflowError):
        pass
    raise PydanticCustomError("datetime_format", "wrong format")


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("not_a_number", "A valid number is required.")
    return value


Moment = Annotated[datetime | None, BeforeValidator(_moment)]
# The limits stand beside the number: null has none.
Latitude = Annotated[float, BeforeValidator(_no_bool), Field(ge=-90, le=90, allow_inf_nan=False)] | None
Longitude = Annotated[float, BeforeValidator(_no_bool), Field(ge=-180, le=180, allow_inf_nan=False)] | None


class PhotoEditInput(Input):
    """Applied are `exif_timestamp`, both coordinates together, and the two marks of the category."""

    image_hash: Annotated[str, StringConstraints(max_length=64), *CHECKS] = ""
    hidden: bool = False
    rating: Annotated[int, BeforeValidator(_no_bool), Field(ge=-INT32 - 1, le=INT32)] = 0
    in_trashcan: bool = False
    removed: bool = False
    video: bool = False
    exif_timestamp: Moment = None
    timestamp: Moment = None
    exif_gps_lat: Latitude = None
    exif_gps_lon: Longitude = None
    is_screenshot: bool = False
    is_document: bool = False
    category_source: Literal["auto", "user"] = "auto"

    @property
    def position(self) -> tuple[float, float] | None:
        if self.exif_gps_lat is None or self.exif_gps_lon is None:
            return None
        return self.exif_gps_lat, self.exif_gps_lon

    @property
    def marks(self) -> dict[str, Any]:
        """The marks of the category that were sent."""
        sent = self.model_fields_set & {"is_screenshot", "is_document"}
        return {name: getattr(self, name) for name in sent}


Short500 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), *CHECKS] | None
Short200 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), *CHECKS] | None
Short100 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100), *CHECKS] | None
Short10 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10), *CHECKS] | None
LongText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000), *CHECKS] | None
Keyword = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), *CHECKS]
Keywords = Annotated[list[Keyword], Field(max_length=500)] | None
Rating = Annotated[int, BeforeValidator(_no_bool), Field(ge=0, le=5)] | None


class DescriptionInput(Input):
    """What many photos may be told at once. Null clears; a field that is not sent stays."""

    title: Short500 = None
    caption: LongText = None
    keywords: Keywords = None
    rating: Rating = None
    copyright: Short500 = None
    creator: Short200 = None

    @property
    def sent(self) -> dict[str, Any]:
        """The fields that were sent, as JSON values; an empty text clears like null."""
        found = {
            name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set
        }
        return {name: None if value == "" else value for name, value in found.items()}


class MetadataInput(DescriptionInput):
    gps_latitude: Latitude = None
    gps_longitude: Longitude = None
    location_country: Short100 = None
    location_state: Short100 = None
    location_city: Short100 = None
    location_address: LongText = None
    date_taken: Moment = None
    timezone_offset: Short10 = None


class BulkMetadataInput(Input):
    """Refused in a shape of its own, so that nothing is required here."""

    photo_ids: Any = None
    updates: Any = None
