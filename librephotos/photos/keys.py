"""How callers name a photo: by its UUID or by its image hash. Anything else names none."""

import msgspec

from librephotos.errors import NotFound
from librephotos.kit.ids import parse_image_hash, parse_uuid


class PhotoKey(msgspec.Struct, frozen=True):
    value: str
    is_uuid: bool


def find_key(text: str) -> PhotoKey | None:
    uuid = parse_uuid(text)
    if uuid is not None:
        return PhotoKey(uuid, True)
    image_hash = parse_image_hash(text)
    return None if image_hash is None else PhotoKey(image_hash, False)


def parse_key(text: str) -> PhotoKey:
    """Raises NotFound, with the text of an unknown photo."""
    key = find_key(text)
    if key is None:
        raise NotFound.of("Photo")
    return key
