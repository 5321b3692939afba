"""The parts that this server consists of, in place of the helper processes that others run beside theirs."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Final

import msgspec

from librephotos.media.exiftool import locate_exiftool
from librephotos.media.video.ffmpeg import locate_ffmpeg
from librephotos.settings import Settings

API: Final = "api"
DATABASE: Final = "database"
WORKER: Final = "worker"


class Service(msgspec.Struct, frozen=True):
    """`is_there` looks at this machine; the database and the worker are asked by the routes instead.

    `feature_flag` is published without the prefix of settings.
    """

    is_there: Callable[[Settings], bool] | None = None
    is_enabled: Callable[[Settings], bool] = lambda settings: True
    feature_flag: str | None = None


SERVICES: Final[dict[str, Service]] = {
    API: Service(lambda settings: True),
    DATABASE: Service(),
    WORKER: Service(),
    "thumbnail": Service(lambda settings: find_spec("pyvips") is not None),
    "exif": Service(lambda settings: locate_exiftool() is not None),
    "video": Service(
        lambda settings: find_spec("av") is not None, lambda settings: settings.feature_video, "FEATURE_VIDEO"
    ),
    "transcoding": Service(
        lambda settings: locate_ffmpeg(settings.ffmpeg) is not None,
        lambda settings: settings.transcoding,
        "TRANSCODING",
    ),
    "reverse_geocoding": Service(
        lambda settings: find_spec("reverse_geocode") is not None,
        lambda settings: settings.feature_reverse_geocoding,
        "FEATURE_REVERSE_GEOCODING",
    ),
}


def list_ports(settings: Settings) -> dict[str, int]:
    return {name: settings.port if name == API else 0 for name in SERVICES}
