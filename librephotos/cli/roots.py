"""Library roots at the start: one that is away for a while is waited for, one that was never there is a mistake."""

import structlog
from sqlalchemy import select

from librephotos.db.database import Database
from librephotos.db.statements import Statement, scalar
from librephotos.db.tables import library_root
from librephotos.errors import BadSetting
from librephotos.settings import Settings

log = structlog.get_logger()

_KNOWN = Statement(select(library_root.c.path), scalar)


def refuse_unknown_roots(db: Database, settings: Settings) -> None:
    """Raise BadSetting for a root that does not exist and has never been scanned."""
    missing = [root for root in settings.roots if not root.is_dir()]
    if not missing:
        return
    with db.snapshot() as tx:
        known = set(tx.all(_KNOWN))
    for root in missing:
        if str(root) not in known:
            raise BadSetting(
                f"The library root {root} is not a folder. Make or mount it, or correct LIBREPHOTOS_LIBRARY_ROOTS "
                "(--library)."
            )
        log.warning("library root is away; its photos stay as they are", root=str(root))
