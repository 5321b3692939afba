"""What becomes of everything that refers to a photo when it becomes one with another."""

from librephotos.db.tables import metadata
from librephotos.photos.merging import MEMBERSHIPS

# Tables that refer to photos and are moved by statements of their own.
MOVED = {"file", "album", "face", "metadata_edit", "photo_link", "photo_stack", "duplicate_group"}

# What is made from the files of the kept photo, or counted anew from what it has then.
DERIVED = {
    "embedded_media",
    "event_photo",
    "photo_metadata",
    "photo_search",
    "photo_step",
    "place_photo",
    "sight",
    "thing_photo",
    "write_back",
}


def test_every_table_that_refers_to_photos_has_its_answer() -> None:
    """A new one is to be added to `MEMBERSHIPS`, or to the lists here with its reason."""
    referring = {
        table.name
        for table in metadata.tables.values()
        if any(key.column.table.name == "photo" for key in table.foreign_keys)
    }
    answered = {table.name for table in MEMBERSHIPS} | MOVED | DERIVED
    assert referring == answered
