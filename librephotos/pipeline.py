"""Which jobs there are, and which comes after which: the one table of both."""

from librephotos.accounts.pruning import prune_events, prune_logins
from librephotos.jobs.registry import JobKind, Pipeline, chore
from librephotos.library.jobs import missing, scan
from librephotos.library.kinds import DELETE_MISSING, DELETE_MISSING_TYPE, SCAN, SCAN_TYPE
from librephotos.library.watching import watch_libraries
from librephotos.photos.drafts import remove_drafts

PIPELINE = Pipeline(
    kinds={
        SCAN: JobKind(SCAN_TYPE, scan.scan, queue="long"),
        DELETE_MISSING: JobKind(DELETE_MISSING_TYPE, missing.delete_missing),
    },
    daily=(chore(prune_logins), prune_events, missing.purge_removed),
    at_start=(remove_drafts,),
    beside=(watch_libraries,),
)
