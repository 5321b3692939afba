"""Jobs, workers, site settings and facts about this installation."""

from sqlalchemy import Column, Index, Table, Text, literal_column

from librephotos.db.tables.base import NEVER_REUSE, instant, metadata, number, reference, row_id, string
from librephotos.db.types import Integer, Json

# The outbox and the truth about work. `state`: queued, running, paused, cancelling, done, failed, cancelled.
# `arguments` and `result` are JSON objects; `kind` is the workflow's name, `job_type` the published number. `worker` is
# set from the moment a worker takes the job until it has let go of it, also for a cancelled one that is still stopping.
job = Table(
    "job",
    metadata,
    row_id(),
    Column("job_id", Text, nullable=False, unique=True),
    Column("job_type", Integer, nullable=False),
    string("kind"),
    reference("user_id", "user.id", on_delete="RESTRICT"),
    string("state", "queued"),
    Column("arguments", Json, nullable=False, server_default="{}"),
    Column("result", Json),
    instant("queued_at"),
    instant("started_at", nullable=True),
    instant("finished_at", nullable=True),
    instant("progressed_at", nullable=True),
    number("progress_current"),
    number("progress_target"),
    Column("progress_step", Text),
    Column("worker", Text),
    number("attempt"),
    Index("ix_job_user_id_started_at", "user_id", "started_at"),
    Index("ix_job_state", "state"),
    # Asked by every open client every two seconds.
    Index(
        "ix_job_unfinished",
        "id",
        sqlite_where=literal_column("finished_at IS NULL"),
        postgresql_where=literal_column("finished_at IS NULL"),
    ),
    Index(
        "ix_job_held",
        "worker",
        sqlite_where=literal_column("worker IS NOT NULL"),
        postgresql_where=literal_column("worker IS NOT NULL"),
    ),
    **NEVER_REUSE,
)

# A live worker's heartbeat; whoever deletes a stale row takes over its jobs.
worker = Table(
    "worker",
    metadata,
    Column("executor", Text, primary_key=True),
    string("host"),
    number("pid"),
    instant("started_at"),
    instant("seen_at"),
)

site_setting = Table(
    "site_setting", metadata, Column("name", Text, primary_key=True), Column("value", Json, nullable=False)
)

# Facts of this installation: `first_admin_at` (set-up closes for good), `epoch` (changes with a restored database),
# `settings_version` (counts changes of site settings).
fact = Table("fact", metadata, Column("name", Text, primary_key=True), string("value"))
