"""A turn that went into a photo's file: what turned the photo beyond its file is the file's own orientation now.

So the photo is shown as before. Its thumbnails, its shape and the places of its faces are those of the file as it is.
"""

from librephotos.library.ingest.columns import looks_columns
from librephotos.library.ingest.group import Group, Reading
from librephotos.library.ingest.writing import write_metadata
from librephotos.library.queries import turning
from librephotos.media.facts import own_orientation
from librephotos.media.orientation import SWAPPED, UPRIGHT, turn_between
from librephotos.media.thumbnails import big_size
from librephotos.people.drawn_boxes import turned_with
from librephotos.people.queries.region_faces import turn_faces
from librephotos.photos import storing
from librephotos.photos.provenance import Described, set_turn
from librephotos.photos.storing import THUMBNAILS, StoredPhoto


def turn_into_file(group: Group, reading: Reading, known: StoredPhoto) -> int | None:
    """Return the turn that stands in a changed file now, and did not when it was read last; None if it is none of ours.

    Ours is one that was noted before it was written, and one that the photo has: a server that was killed before it
    stored what it wrote, a database that is older than the file, or somebody who turned the file in another program
    so that it is upright, mean the same. Other turns of a file are what they always were: another picture.
    """
    facts = reading.outcome.facts
    if facts is None or known.main_file_id != reading.row.file_id:
        return None
    stored = turning.get_turning(group.tx, known.photo_id)
    if (facts.width, facts.height) != (stored.width, stored.height):
        return None
    turn = turn_between(own_orientation(stored.tags), facts.orientation or UPRIGHT)
    return turn if turn != UPRIGHT and turn in (stored.turn, *stored.noted) else None


def show_turned(group: Group, reading: Reading, known: StoredPhoto, turn: int, described: Described) -> None:
    """Let the photo look as its file does, into which a turn went; what somebody turned since stays a turn."""
    looks = reading.outcome.looks
    assert looks is not None
    tx, photo_id = group.tx, known.photo_id
    after = looks.width, looks.height
    before = after[::-1] if turn in SWAPPED else after
    turn_faces(tx, photo_id, lambda box: turned_with(box, turn, big_size(*before), big_size(*after)))
    shown = turning.get_turning(tx, photo_id).turn
    storing.set_looks(tx, photo_id, image_hash=known.image_hash, **looks_columns(reading, looks))
    write_metadata(group, reading, known, described=described)
    set_turn(tx, photo_id, turn_between(turn, shown))
    turning.forget_noted(tx, photo_id)
    storing.record_step(tx, photo_id, THUMBNAILS, "done")
    group.stored.turned.append(photo_id)
