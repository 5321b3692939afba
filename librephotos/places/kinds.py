"""Names and published numbers of this room's jobs; names are stored with waiting jobs and never change."""

from typing import Final

ADD_GEOLOCATION: Final = "add_geolocation"
ADD_GEOLOCATION_TYPE: Final = 11
