"""Which jobs there are, and which comes after which: the one table of both."""

import librephotos.followers  # noqa: F401  # what follows the photos that jobs change
from librephotos.accounts.pruning import prune_events, prune_logins
from librephotos.albums.jobs import generate_events, title_events
from librephotos.albums.kinds import (
    GENERATE_EVENTS,
    GENERATE_EVENTS_TYPE,
    TITLE_EVENTS,
    TITLE_EVENTS_TYPE,
)
from librephotos.downloads.jobs import pack, remove_old_archives
from librephotos.downloads.kinds import PACK, PACK_TYPE
from librephotos.jobs.registry import JobKind, Pipeline, chore
from librephotos.library.jobs import missing, repair, scan, uploaded, write_back, write_due
from librephotos.library.kinds import (
    DELETE_MISSING,
    DELETE_MISSING_TYPE,
    IMPORT,
    REPAIR_VARIANTS,
    REPAIR_VARIANTS_TYPE,
    SCAN,
    SCAN_TYPE,
    WRITE_BACK,
    WRITE_BACK_TYPE,
)
from librephotos.library.watching import watch_libraries
from librephotos.nextcloud.jobs import import_files
from librephotos.nextcloud.kinds import NEXTCLOUD
from librephotos.people.jobs import group_faces, scan_faces
from librephotos.people.kinds import GROUP_FACES, GROUP_FACES_TYPE, SCAN_FACES, SCAN_FACES_TYPE
from librephotos.photos.drafts import remove_drafts
from librephotos.photos.jobs import classify_media, extract_text
from librephotos.photos.kinds import CLASSIFY_MEDIA, CLASSIFY_MEDIA_TYPE, EXTRACT_TEXT, EXTRACT_TEXT_TYPE
from librephotos.photos.queries.deletion import release_stale
from librephotos.photos.tombstones import prune_deletions
from librephotos.places.jobs import add_geolocation
from librephotos.places.kinds import ADD_GEOLOCATION, ADD_GEOLOCATION_TYPE
from librephotos.search.jobs import embed_pictures, index_photos
from librephotos.search.kinds import EMBED_PICTURES, EMBED_PICTURES_TYPE
from librephotos.search.merging import keep_index_merged
from librephotos.stacks.jobs import detect_bursts, detect_duplicates, detect_new
from librephotos.stacks.kinds import (
    DETECT_BURSTS,
    DETECT_BURSTS_TYPE,
    DETECT_DUPLICATES,
    DETECT_DUPLICATES_TYPE,
    DETECT_NEW,
    DETECT_NEW_TYPE,
)
from librephotos.uploads.jobs import remove_abandoned

PIPELINE = Pipeline(
    kinds={
        SCAN: JobKind(
            SCAN_TYPE, scan.scan, queue="long", follow_ups=(REPAIR_VARIANTS, ADD_GEOLOCATION, DETECT_NEW)
        ),
        IMPORT: JobKind(
            SCAN_TYPE, uploaded.read_uploaded, follow_ups=(REPAIR_VARIANTS, ADD_GEOLOCATION, DETECT_NEW)
        ),
        WRITE_BACK: JobKind(WRITE_BACK_TYPE, write_back.write_back_metadata),
        NEXTCLOUD: JobKind(SCAN_TYPE, import_files, queue="long"),
        PACK: JobKind(PACK_TYPE, pack),
        DELETE_MISSING: JobKind(DELETE_MISSING_TYPE, missing.delete_missing),
        REPAIR_VARIANTS: JobKind(REPAIR_VARIANTS_TYPE, repair.repair_variants),
        ADD_GEOLOCATION: JobKind(ADD_GEOLOCATION_TYPE, add_geolocation),
        SCAN_FACES: JobKind(SCAN_FACES_TYPE, scan_faces),
        GROUP_FACES: JobKind(GROUP_FACES_TYPE, group_faces),
        GENERATE_EVENTS: JobKind(GENERATE_EVENTS_TYPE, generate_events),
        TITLE_EVENTS: JobKind(TITLE_EVENTS_TYPE, title_events),
        CLASSIFY_MEDIA: JobKind(CLASSIFY_MEDIA_TYPE, classify_media),
        EXTRACT_TEXT: JobKind(EXTRACT_TEXT_TYPE, extract_text),
        EMBED_PICTURES: JobKind(EMBED_PICTURES_TYPE, embed_pictures),
        DETECT_BURSTS: JobKind(DETECT_BURSTS_TYPE, detect_bursts),
        DETECT_DUPLICATES: JobKind(DETECT_DUPLICATES_TYPE, detect_duplicates),
        DETECT_NEW: JobKind(DETECT_NEW_TYPE, detect_new),
    },
    hourly=(chore(release_stale), remove_old_archives, write_due.remove_abandoned_drafts),
    daily=(
        chore(prune_logins),
        chore(prune_deletions),
        prune_events,
        missing.purge_removed,
        remove_abandoned,
    ),
    at_start=(remove_drafts, index_photos),
    beside=(watch_libraries, write_due.start_when_due, keep_index_merged),
)
