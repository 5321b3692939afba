"""Uploads that are under way, and what was imported from other servers."""

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint

from librephotos.db.tables.base import instant, metadata, reference, row_id
from librephotos.db.types import BigInteger

# Its bytes lie in the data folder under `upload_id`; `received_bytes` of them count, whatever else the file holds.
# `most_bytes` is what quota and free space allowed when it began. The row goes when the file is in the library.
upload = Table(
    "upload",
    metadata,
    row_id(),
    Column("upload_id", Text, nullable=False, unique=True),
    reference("owner_id", "user.id"),
    Column("received_bytes", BigInteger, nullable=False, server_default="0"),
    Column("most_bytes", BigInteger),
    instant("created_at"),
    Index("ix_upload_owner_id", "owner_id"),
)

# A file of another server that an import is done with. `key` is a digest of where it lies (address, account, path), of
# which the server says `etag` and a size; `hash` is that of its content, NULL when it was no photo or video. It stays
# when the photo goes, so that what somebody deleted does not come back.
remote_file = Table(
    "remote_file",
    metadata,
    row_id(),
    reference("owner_id", "user.id"),
    Column("key", Text, nullable=False),
    Column("etag", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("hash", Text),
    instant("seen_at"),
    UniqueConstraint("owner_id", "key"),
)
