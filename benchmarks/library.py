"""A synthetic library in an instance's SQLite database: rows as a scan writes them, of realistic lengths."""

import hashlib
import random
import sqlite3
import time
import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from benchmarks.start_page import add_collections, count_collections
from librephotos.db.text_merging import merge_some
from librephotos.kit import clock, json
from librephotos.photos.paths import SQUARE_SMALL, derived_path
from librephotos.search.texts import Findable, compose_text

SMALL_THUMBNAIL_BYTES = 9_000
CAMERAS = (("Canon", "Canon EOS 5D Mark IV"), ("NIKON CORPORATION", "NIKON D750"), ("Apple", "iPhone 13 Pro"))
PLACES = ("Marienplatz", "Altstadt-Lehel", "München", "Bayern", "Deutschland")
TAGS = (
    "beach",
    "mountain",
    "portrait",
    "street",
    "food",
    "architecture",
    "garden",
    "lake",
    "festival",
    "dog",
)
NAMES = ("Ada", "Alan", "Barbara", "Claude", "Donald", "Edsger", "Grace", "Hedy", "John", "Katherine")


@dataclass(frozen=True)
class Library:
    """What the benchmark asks for: keys of photos, days of 100 photos or more, and hashes with thumbnails."""

    uuids: list[str]
    full_days: list[int]
    with_thumbnails: list[str]


def fill(instance, owner, *, photos, days):
    """Insert `photos` on `days` days, a tenth of the days holding half of them; return what to ask for."""
    started = time.perf_counter()
    random.seed(1)
    path = instance.database_url.removeprefix("sqlite:///")
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous=OFF")
    db.execute("BEGIN")
    first = date(2019, 1, 1)
    _insert(
        db,
        "day",
        (
            {
                "id": n + 1,
                "owner_id": owner.user_id,
                "date": f"{first + timedelta(n)}",
                "location": PLACES[2],
            }
            for n in range(days)
        ),
    )
    day_of = _spread(photos, days)
    now = clock.now()
    for begin in range(0, photos, 20_000):
        numbers = range(begin, min(begin + 20_000, photos))
        rows = [_photo(n, owner.user_id, day_of[n], first, now) for n in numbers]
        _insert(db, "photo", rows)
        _insert(db, "file", (_file(row, owner.user_id, now) for row in rows))
        metadata = [_metadata(row) for row in rows]
        _insert(db, "photo_metadata", metadata)
        _insert(db, "photo_search", (_search(*each) for each in zip(rows, metadata, strict=True)))
    _add_faces(db, owner.user_id, photos, now)
    add_collections(db, _insert, owner.user_id, photos, now)
    db.execute(
        "UPDATE day SET photo_count = (SELECT count(*) FROM photo WHERE photo.day_id = day.id "
        "AND aspect_ratio IS NOT NULL AND NOT is_hidden AND NOT is_trashed AND NOT is_removed)"
    )
    db.execute(
        "UPDATE user SET photo_count = ?, list_version = list_version + 1 WHERE id = ?",
        (photos, owner.user_id),
    )
    db.execute("COMMIT")
    db.execute("PRAGMA optimize=0x10002")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    library = _choose(db, photos)
    db.close()
    count_collections(instance, owner.user_id)
    # As the worker does within minutes of a scan.
    instance.db.commit(merge_some, begins=True)
    while instance.db.commit(merge_some, begins=False):
        pass
    for image_hash in library.with_thumbnails:
        thumbnail = derived_path(instance.data, SQUARE_SMALL, image_hash)
        thumbnail.parent.mkdir(parents=True, exist_ok=True)
        body = b"VP8 " + random.Random(image_hash).randbytes(SMALL_THUMBNAIL_BYTES)
        thumbnail.write_bytes(b"RIFF" + len(body).to_bytes(4, "little") + b"WEBP" + body)
    print(f"{photos:,} photos on {days:,} days, filled in {time.perf_counter() - started:.0f} s")
    return library


def _spread(photos, days):
    """Return each photo's day, in order: real libraries have holidays."""
    full = max(1, days // 10)
    weights = [9.0 if n % 10 == 0 and n // 10 < full else 1.0 for n in range(days)]
    total, taken, day_of = sum(weights), 0.0, []
    for number, weight in enumerate(weights):
        taken += weight
        day_of.extend([number] * (round(photos * taken / total) - len(day_of)))
    return day_of


def _photo(n, owner_id, day, first, now):
    image_hash = hashlib.md5(b"%d" % n, usedforsecurity=False).hexdigest() + str(owner_id)
    taken = f"{first + timedelta(day)}T{8 + n % 12:02}:{n // 12 % 60:02}:{n // 720 % 60:02}"
    return {
        "id": n + 1,
        "uuid": str(uuid.UUID(int=random.getrandbits(128), version=4)),
        "image_hash": image_hash,
        "owner_id": owner_id,
        "main_file_id": n + 1,
        "day_id": day + 1,
        "added_at": now - n,
        "modified_at": now - n,
        "taken_local": taken,
        "gps_lat": round(48 + random.random(), 6),
        "gps_lon": round(11 + random.random(), 6),
        "location": f"{PLACES[n % 2]}, {PLACES[2]}, {PLACES[3]}, {PLACES[4]}",
        "rating": n % 6,
        "is_video": int(n % 50 == 49),
        "video_length": "12" if n % 50 == 49 else "",
        "size_bytes": 3_000_000 + n % 2_000_000,
        "aspect_ratio": 1.5 if n % 3 else 0.67,
        "dominant_color": f"#{n * 2654435761 % 2**24:06x}",
        "thumbhash": "dce71125807877787f888787784877788870fa3db0",
        "perceptual_hash": f"{n * 2654435761 % 2**64:016x}",
        "thumbnail_version": 0,
    }


def _file(photo, owner_id, now):
    n = photo["id"]
    path = f"/srv/photos/benchmark/{photo['taken_local'][:4]}/{photo['taken_local'][:10]}/IMG_{n:07}.JPG"
    return {
        "id": n,
        "owner_id": owner_id,
        "photo_id": n,
        "path_bytes": path.encode(),
        "path": path,
        "hash": photo["image_hash"],
        "blake2b": photo["image_hash"][:32] * 2,
        "kind": 2 if photo["is_video"] else 1,
        "mime": "video/mp4" if photo["is_video"] else "image/jpeg",
        "size_bytes": photo["size_bytes"],
        "mtime_ns": now * 1000,
        "inode": 1_000_000 + n,
        "device": 64769,
        "added_at": now,
        "checked_at": now,
    }


def _metadata(photo):
    n = photo["id"]
    make, model = CAMERAS[n % 3]
    lens = "EF24-70mm f/2.8L II USM"
    path = _file(photo, photo["owner_id"], 0)["path"]
    tags = random.sample(TAGS, 3)
    # Those of a town, as the server stores them, are the same text; a day is spent in one.
    center = [photo["day_id"] * 7 % 360 - 180, photo["day_id"] * 3 % 160 - 80]
    features = [{"text": place, "center": center} for place in PLACES]
    return {
        "photo_id": n,
        "width": 6000,
        "height": 4000,
        "fstop": 2.8,
        "focal_length": 35.0,
        "focal_length_35": 52,
        "iso": 100 * (1 + n % 16),
        "shutter_speed": "1/250",
        "camera_make": make,
        "camera_model": model,
        "lens": lens,
        "keywords": json.dumps(tags[:2]),
        "captions": json.dumps({"im2txt": "", "user_caption": f"A {tags[0]} and a {tags[1]} in the evening"}),
        "search_captions": f"A {tags[0]} and a {tags[1]} in the evening {path} {model} {lens} {tags[2]}",
        "geolocation": json.dumps(
            {"type": "FeatureCollection", "features": features, "places": list(PLACES), "address": PLACES[0]}
        ),
        "tags": json.dumps({"tags": tags}),
        "reader": "exiftool",
        "source": "embedded",
    }


def _search(photo, metadata):
    found = Findable(metadata["search_captions"], photo["location"], photo["taken_local"])
    return {
        "photo_id": photo["id"],
        "owner_id": photo["owner_id"],
        "is_shown": 1,
        "text": compose_text(found),
    }


def _add_faces(db, owner_id, photos, now):
    _insert(
        db,
        "person",
        (
            {"id": n + 1, "owner_id": owner_id, "name": f"{NAMES[n % 10]} {n}", "modified_at": now}
            for n in range(60)
        ),
    )
    step = max(1, photos // 600)
    _insert(
        db,
        "face",
        (
            {
                "photo_id": n + 1,
                "person_id": n // step % 60 + 1,
                "image": f"{n:08}_0.jpg",
                "location_top": 120,
                "location_right": 420,
                "location_bottom": 260,
                "location_left": 300,
            }
            for n in range(0, photos, step)
        ),
    )


def _choose(db, photos):
    step = max(1, photos // 500)
    chosen = db.execute(
        "SELECT uuid, image_hash FROM photo WHERE id % ? = 1 % ? AND NOT is_video", (step, step)
    )
    keys = chosen.fetchall()
    days = [
        row[0]
        for row in db.execute("SELECT id FROM day WHERE photo_count >= 100 ORDER BY photo_count").fetchall()
    ]
    return Library([key[0] for key in keys], days, [key[1] for key in keys[:200]])


def _insert(db, table, rows):
    rows = iter(rows)
    head = next(rows)
    names = ", ".join(head)
    marks = ", ".join(f":{name}" for name in head)
    sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"
    db.execute(sql, head)
    db.executemany(sql, rows)
