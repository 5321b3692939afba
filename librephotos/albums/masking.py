"""What visitors of a link may learn: the owner's defaults, and the album's own switches over them; no I/O."""

from collections.abc import Iterable

import msgspec

from librephotos.photos.schemas import PigPhoto, SharingOptions


class SharingSettings(msgspec.Struct, frozen=True):
    share_location: bool = False
    share_camera_info: bool = False
    share_timestamps: bool = False
    share_captions: bool = False
    share_faces: bool = False


def effective_settings(defaults: object, overrides: SharingOptions | None) -> SharingSettings:
    """Start with nothing, take the owner's stored defaults, then the album's switches that are not null."""
    stored = defaults if isinstance(defaults, dict) else {}
    own = msgspec.structs.asdict(overrides) if overrides is not None else {}
    names = SharingSettings.__struct_fields__
    return SharingSettings(
        **{name: (stored.get(name) if own.get(name) is None else own[name]) is True for name in names}
    )


def mask_items(items: Iterable[PigPhoto], settings: SharingSettings) -> list[PigPhoto]:
    """Take out of photos of a grid what is not shared."""
    masked = list(items)
    for item in masked:
        if not settings.share_location:
            item.location, item.exif_gps_lat, item.exif_gps_lon = "", None, None
        if not settings.share_timestamps:
            item.date = item.birth_time = ""
    return masked
