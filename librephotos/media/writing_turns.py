"""A turn that goes into a file: which orientation it asks for, and the thumbnails of the file as it is then.

They are drawn from the draft, before it takes the file's place, under a name of their own; so the change of the
photo's row is all that lies between the old picture and the new one.
"""

from __future__ import annotations

import os
from typing import Final

import msgspec

from librephotos.media import hashing, process
from librephotos.media.errors import CannotStore, UnreadableMedia, UnwritableMetadata
from librephotos.media.facts import Tags, own_orientation
from librephotos.media.orientation import UPRIGHT, followed_by
from librephotos.media.saying import Wishes
from librephotos.media.thumbnails import Looks
from librephotos.media.turning import fresh_name

NOT_SHOWN: Final = "The file would not be shown as it was turned, so it was left as it is."


class Turning(msgspec.Struct):
    """Below which folder the thumbnails of a turned file are drawn, and what the photo is called.

    `orientation` is the file's own as the library knows it, for when the file cannot be asked.
    """

    folder: bytes
    image_hash: str
    orientation: int = UPRIGHT


class Turned(msgspec.Struct):
    """What a file looks like that was turned, and what its thumbnails are called."""

    looks: Looks
    thumbnail_name: str


def combined(wishes: Wishes, tags: Tags) -> Wishes:
    """Return the wishes with the orientation that the turn makes of the file's own."""
    if wishes.turn is None:
        return wishes
    return msgspec.structs.replace(wishes, orientation=followed_by(own_orientation(tags), wishes.turn))


def draw(
    turning: Turning,
    draft: bytes,
    content: hashing.Content,
    name: str,
    orientation: int,
    *,
    is_alone: bool,
) -> Turned:
    """Draw the thumbnails of a draft. Raises UnwritableMetadata unless our own decoder turns it."""
    fresh = fresh_name(turning.image_hash, name)
    drawn = process.process_file(
        process.Request(path=draft, render_to=turning.folder, thumbnail_name=fresh, read_metadata=False),
        is_alone=is_alone,
    )
    if drawn.pixels.is_blameless:
        raise CannotStore(drawn.pixels.reason or NOT_SHOWN)
    if drawn.looks is None or _seen_by_decoder(draft, content) != orientation:
        raise UnwritableMetadata(drawn.pixels.reason or NOT_SHOWN)
    return Turned(drawn.looks, fresh)


def _seen_by_decoder(path: bytes, content: hashing.Content) -> int:
    from librephotos.media.stills.source import Source
    from librephotos.media.stills.vips import orientation_of

    descriptor = -1 if content.data is not None else os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return orientation_of(Source(content.data if content.data is not None else descriptor))
    except UnreadableMedia as error:
        raise UnwritableMetadata(NOT_SHOWN) from error
    finally:
        if descriptor >= 0:
            os.close(descriptor)
