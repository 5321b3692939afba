"""Persons, and faces in photos."""

from sqlalchemy import (
    Column,
    Float,
    Index,
    Table,
)

from librephotos.db.tables.base import (
    NEVER_REUSE,
    flag,
    instant,
    metadata,
    number,
    owner,
    reference,
    row_id,
    string,
)
from librephotos.db.types import RowId

person = Table(
    "person",
    metadata,
    row_id(),
    owner(),
    string("name"),
    string("kind", "USER"),
    # A follower of changed photos stores how many faces visible photos show, and which of them is the cover.
    number("face_count"),
    instant("modified_at"),
    Column("cover_face_id", RowId),
    # The photo that its owner chose as cover.
    Column("cover_photo_id", RowId),
    Index("ix_person_owner_id_name", "owner_id", "name"),
    Index("ix_person_owner_id_modified_at", "owner_id", "modified_at", "id"),
    **NEVER_REUSE,
)

# A face in pixels of the big thumbnail. A labelled face has `person_id`; suggestions stand beside it. `region_name` is
# the name that a region of the file gave it, and empty for faces that no region tells of.
face = Table(
    "face",
    metadata,
    row_id(),
    reference("photo_id", "photo.id"),
    reference("person_id", "person.id", nullable=True, on_delete="SET NULL"),
    string("image"),
    number("location_top"),
    number("location_right"),
    number("location_bottom"),
    number("location_left"),
    reference("cluster_person_id", "person.id", nullable=True, on_delete="SET NULL"),
    Column("cluster_probability", Float, nullable=False, server_default="0"),
    reference("classification_person_id", "person.id", nullable=True, on_delete="SET NULL"),
    Column("classification_probability", Float, nullable=False, server_default="0"),
    flag("is_deleted"),
    string("region_name"),
    Index("ix_face_photo_id", "photo_id"),
    Index("ix_face_person_id", "person_id"),
    Index("ix_face_cluster_person_id", "cluster_person_id"),
    Index("ix_face_classification_person_id", "classification_person_id"),
    **NEVER_REUSE,
)
