"""Which thumbnails show a photo, in rows: by its name, and where they were drawn anew by its content as well."""

from sqlalchemy import case, null

from librephotos.db.tables import photo

CONTENT_IF_REDRAWN = case((photo.c.thumbnail_version > 0, photo.c.content_hash), else_=null())
"""The content of a photo's file. Null where it looks as it did when it was found, so that one place is looked at."""
