"""Uploads that are under way."""

from sqlalchemy import Column, Index, Table, Text

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
