"""Runs the steps on the connection of a transaction that `db/migrate.py` holds; Alembic opens and commits nothing."""

from alembic import context

from librephotos.db.statements import SQLITE
from librephotos.db.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    # SQLite alters a table by copying it.
    render_as_batch=connection.dialect.name == SQLITE,
    transaction_per_migration=False,
)
context.run_migrations()
