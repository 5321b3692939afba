"""When and where a photo was taken, as its owner says; the rules of capture times are asked again."""

import asyncio
import os
from datetime import datetime

from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.kit import clock, json
from librephotos.library.capture_time import Evidence, FileTimes, choose_capture_time, zone_at_position
from librephotos.library.date_rules import default_date_rules, parse_date_rules
from librephotos.library.edit_inputs import PhotoEditInput
from librephotos.library.queries.edited import Edit, Subject, get_subject_and_owner, store_edit
from librephotos.library.queries.owners import Owner
from librephotos.library.schemas import EditedPhoto
from librephotos.library.walk import shown
from librephotos.photos.keys import PhotoKey

Taken = tuple[str | None, int | None, str | None]


async def edit_photo(db: Database, viewer: Viewer, key: PhotoKey, data: PhotoEditInput) -> EditedPhoto:
    """Apply what was sent to the caller's own photo. Raises NotFound."""
    subject, owner = await db.read(get_subject_and_owner, viewer, key)
    user_time: tuple[str | None] | None = None
    taken: Taken | None = None
    if "exif_timestamp" in data.model_fields_set:
        moment = data.exif_timestamp
        user_time = (clock.wall_iso(moment) if moment else None,)
        taken = await asyncio.to_thread(take_again, subject, owner, moment, data.position)
    edit = Edit(user_time=user_time, taken=taken, position=data.position, marks=data.marks)
    return await db.write(store_edit, subject, edit)


def take_again(
    subject: Subject, owner: Owner, moment: datetime | None, position: tuple[float, float] | None
) -> Taken:
    """Return the columns of the time that the owner's rules choose, now that somebody says `moment`."""
    known = (
        (subject.gps_lat, subject.gps_lon)
        if subject.gps_lat is not None and subject.gps_lon is not None
        else None
    )
    evidence = Evidence(
        path=shown(subject.path),
        tags=subject.tags,
        file_times=_file_times(subject),
        position=position or known,
        user_timestamp=moment,
        default_timezone=owner.default_timezone,
    )
    rules = parse_date_rules(owner.datetime_rules or json.dumps(default_date_rules()))
    chosen = choose_capture_time(evidence, rules, zone_at=zone_at_position)
    if chosen is None:
        return None, None, None
    reason = json.dumps({"rule": chosen.rule_id, "tag": chosen.tag})
    return clock.wall_iso(chosen.taken_local), chosen.offset_minutes, reason


def _file_times(subject: Subject) -> FileTimes | None:
    if not subject.path:
        return None
    try:
        status = os.stat(subject.path)
    except OSError:
        return FileTimes(subject.mtime_ns / 1e9, subject.mtime_ns / 1e9)
    return FileTimes(status.st_mtime, status.st_ctime)
