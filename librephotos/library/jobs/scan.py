"""The scan of a library, in steps that may each run twice: walk, moves, batches of files, what is gone.

What remains to be done is always read from the table of files; a step's answer holds counts only.
"""

import os
import time
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from librephotos.db.transactions import Tx
from librephotos.jobs.registry import Report, Run
from librephotos.kit import json
from librephotos.library import guard
from librephotos.library.compare import Difference, differences
from librephotos.library.date_rules import default_date_rules, parse_date_rules, tags_needed
from librephotos.library.ingest.storing import has_thumbnails, store_outcomes, tidy_thumbnails
from librephotos.library.queries import files, gone, moves, owners, roots
from librephotos.library.queries import pending as pending_files
from librephotos.library.queries import walked as walked_files
from librephotos.library.queries.owners import Owner
from librephotos.library.queries.pending import PendingFile
from librephotos.library.roots import bounds_of, scan_path
from librephotos.library.sidecars import sidecars_of
from librephotos.library.walk import Walk
from librephotos.media.exiftool import locate_exiftool
from librephotos.media.process import Outcome, Request, process_files
from librephotos.photos.changes import photos_changed
from librephotos.photos.paths import derived_root
from librephotos.photos.storing import refresh_search_text

DIFFERENCES_AT_ONCE: Final = 500
FILES_A_STEP: Final = 240
STORED_AT_ONCE: Final = 16
STORED_EVERY_SECONDS: Final = 0.5
MOVED_AT_ONCE: Final = 50
GONE_AT_ONCE: Final = 100
LISTED_ERRORS: Final = 20
WITHOUT_EXIFTOOL: Final = "ExifTool or Perl is missing; a scan reads the metadata again once they are there."
