"""What a server's start does to the database, all of it before anybody can ask: schema, roots, first admin, set-up."""

from dataclasses import dataclass

from librephotos.cli.first_run import make_first_admin, open_setup
from librephotos.cli.progress import ProgressLine
from librephotos.cli.roots import refuse_unknown_roots
from librephotos.db.database import Database
from librephotos.db.migrate import migrate
from librephotos.settings import Settings


@dataclass(frozen=True)
class Started:
    """An open database that is ready to be served, and what the person who started it shall read.

    `admin` is the name of the first admin if it was made now, `first_steps` how to make the first account.
    """

    db: Database
    progress: ProgressLine
    admin: str | None
    first_steps: str | None


def open_database(settings: Settings) -> Started:
    """Raises BadSetting or MigrationFailed with a sentence."""
    migrate(settings.database, settings.data)
    db = Database(settings.database)
    refuse_unknown_roots(db, settings)
    admin = make_first_admin(db, settings)
    # A gate that is closed too late is open.
    return Started(db, ProgressLine(db), admin, open_setup(db, settings))
