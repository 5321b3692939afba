"""What holds guessing back: counts of failures, and the devices that an account is known to use. Only keyed digests."""

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint

from librephotos.db.tables.base import instant, metadata, number, reference, row_id, string

# One row an account name, network or device that failed. The count begins anew once `window_ends_at` has passed;
# until `blocked_until` whoever falls into the bucket is refused.
login_attempt = Table(
    "login_attempt",
    metadata,
    Column("bucket", Text, primary_key=True),
    number("failure_count"),
    instant("window_ends_at"),
    instant("blocked_until"),
    Index("ix_login_attempt_window_ends_at", "window_ends_at"),
)

# A device signed in as this user before. `digest` is of a browser's cookie or of network and user agent together.
known_device = Table(
    "known_device",
    metadata,
    row_id(),
    reference("user_id", "user.id"),
    string("digest"),
    instant("created_at"),
    instant("last_used_at"),
    UniqueConstraint("user_id", "digest"),
    Index("ix_known_device_digest", "digest"),
    Index("ix_known_device_last_used_at", "last_used_at"),
)
