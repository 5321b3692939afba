"""Finding a place by its name at a service on the network: the one that an admin chose, and only what somebody typed.

One short question, no redirects, no cookies. Whatever goes wrong there finds nothing; the log says why, without key and
question.
"""

import http.client
import math
import ssl
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

import msgspec
import structlog

from librephotos import __version__
from librephotos.places.names import PlaceFound

log = structlog.get_logger()

SILENCE_SECONDS: Final = 4.0
# More of an answer is not read.
ANSWER_BYTES: Final = 1024**2
# What every one of them takes as a limit.
MOST: Final = 10
LONGEST_CHARACTERS: Final = 200
USER_AGENT: Final = f"LibrePhotos/{__version__}"

Found = tuple[Any, Any, Any]  # a name and two numbers, as far as the service keeps to its form


class _Refused(Exception):
    """The service answered with another status than 200."""


def _read_nominatim(answer: Any) -> Iterator[Found]:
    for each in answer:
        yield each["display_name"], each["lat"], each["lon"]


def _read_photon(answer: Any) -> Iterator[Found]:
    for each in answer["features"]:
        told = each["properties"]
        parts = [told.get(name) for name in ("name", "street", "city", "state", "country")]
        longitude, latitude = each["geometry"]["coordinates"][:2]
        yield ", ".join(dict.fromkeys(part for part in parts if part)), latitude, longitude


def _read_features(answer: Any) -> Iterator[Found]:
    for each in answer["features"]:
        longitude, latitude = each["center"][:2]
        yield each["place_name"], latitude, longitude


def _read_opencage(answer: Any) -> Iterator[Found]:
    for each in answer["results"]:
        yield each["formatted"], each["geometry"]["lat"], each["geometry"]["lng"]


def _read_tomtom(answer: Any) -> Iterator[Found]:
    for each in answer["results"]:
        yield each["address"]["freeformAddress"], each["position"]["lat"], each["position"]["lon"]


class Service(msgspec.Struct, frozen=True):
    """Where a service answers, how it is asked, and how its answer is read."""

    url: str
    question: str
    read: Callable[[Any], Iterator[Found]]


SERVICES: Final[Mapping[str, Service]] = {
    "nominatim": Service(
        "https://nominatim.openstreetmap.org", "/search?format=jsonv2&q={text}&limit={most}", _read_nominatim
    ),
    "photon": Service("https://photon.komoot.io", "/api/?q={text}&limit={most}", _read_photon),
    "mapbox": Service(
        "https://api.mapbox.com",
        "/geocoding/v5/mapbox.places/{text}.json?limit={most}&access_token={key}",
        _read_features,
    ),
    "maptiler": Service(
        "https://api.maptiler.com", "/geocoding/{text}.json?limit={most}&key={key}", _read_features
    ),
    "opencage": Service(
        "https://api.opencagedata.com",
        "/geocode/v1/json?no_annotations=1&q={text}&limit={most}&key={key}",
        _read_opencage,
    ),
    "tomtom": Service(
        "https://api.tomtom.com", "/search/2/geocode/{text}.json?limit={most}&key={key}", _read_tomtom
    ),
}


# What comes of an answer in another form.
_NOT_READ: Final = (msgspec.DecodeError, RecursionError, ValueError, LookupError, TypeError, AttributeError)


def ask_service(provider: str, url: str, key: str, text: str, most: int) -> list[PlaceFound]:
    """Return at most `most` places; `url` is that of an own server instead of the public one, or empty."""
    service = SERVICES[provider]
    asked = text.strip()[:LONGEST_CHARACTERS]
    most = min(most, MOST)
    if not asked or most < 1:
        return []
    words = {"text": quote(asked, safe="", errors="replace"), "most": most, "key": quote(key, safe="")}
    try:
        answer = _get(url or service.url, service.question.format(**words))
        places = [place for found in service.read(answer) if (place := _place(*found)) is not None]
    except _Refused as error:
        log.warning("online address search failed", provider=provider, reason=str(error))
        return []
    except (OSError, http.client.HTTPException, *_NOT_READ) as error:
        # Only the kind: the text of some errors holds the question.
        log.warning("online address search failed", provider=provider, reason=type(error).__name__)
        return []
    return places[:most]


def _get(url: str, question: str) -> Any:  # any JSON value
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    line: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        line = http.client.HTTPSConnection(host, port, timeout=SILENCE_SECONDS, context=context)
    else:
        line = http.client.HTTPConnection(host, port, timeout=SILENCE_SECONDS)
    try:
        headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        line.request("GET", parts.path.rstrip("/") + question, headers=headers)
        response = line.getresponse()
        if response.status != http.client.OK:
            raise _Refused(f"status {response.status}")
        return msgspec.json.decode(response.read(ANSWER_BYTES))
    finally:
        line.close()


def _place(name: Any, latitude: Any, longitude: Any) -> PlaceFound | None:
    lat, lon = float(latitude), float(longitude)
    is_usable = isinstance(name, str) and name and math.isfinite(lat) and math.isfinite(lon)
    return PlaceFound(name, lat, lon) if is_usable and abs(lat) <= 90 and abs(lon) <= 180 else None
