"""What a client's start page asks for, and the albums, tags, things, places and events that it is told of."""

from datetime import date, timedelta

from librephotos import followers  # noqa: F401  # what is counted anew
from librephotos.photos.changes import recount_all

PLACES = ("Altstadt-Lehel", "München", "Bayern", "Deutschland")
# Of each kind, how many there are and how many photos each holds, in a library of 50,000.
ALBUMS, TAGS, THINGS, EVENTS = 50, 100, 200, 150
HELD = 200
STATISTICS = ("stats", "photomonthcounts/", "wordcloud/", "locationsunburst/", "locationtimeline/")
# Lists that stay in memory while nothing changes.
KEPT = {
    "user albums, unchanged": "albums/user/list/",
    "things, unchanged": "albums/thing/list/",
    "places, unchanged": "albums/place/list/",
    "events, unchanged": "albums/auto/list/",
    "tags, unchanged": "tags/",
    "persons, unchanged": "persons/?page_size=1000",
    "points of the map, unchanged": "locclust/",
    "suggestions, unchanged": "searchtermexamples/",
    "recently added, first page": "photos/recentlyadded/?page=1&page_size=100",
    "without a date, first page": "photos/notimestamp/?page=1",
    "memories": "memories/",
    "layout of the timeline, unchanged": "timeline/layout/",
    "date list with the default filter": "albums/date/list/?apply_default=true",
    "version": "imagetag",
    "storage": "storagestats/",
    "users": "user/",
}


def list_requests(owner_id):
    """Return (what, address, at least which part of the floor) of each."""
    lists = [(what, f"/api/{path}", 0.25) for what, path in KEPT.items()]
    statistics = [(f"statistics, {path.strip('/')}", f"/api/{path}", 0.25) for path in STATISTICS]
    every = [*lists, *statistics, ("one's own account", f"/api/user/{owner_id}/", 0.15)]
    return [(f"start page, {what}", path, least) for what, path, least in every]


def add_collections(db, insert, owner_id, photos, now):
    """Insert the rows; the counts are for `count_collections`. `insert` takes db, table and rows."""
    own = {"owner_id": owner_id, "modified_at": now}
    held = min(HELD, photos)
    plans = (
        ("album", "album_photo", "album_id", ALBUMS, lambda n: {"title": f"Album {n}", "saved_at": now}),
        ("tag", "photo_tag", "tag_id", TAGS, lambda n: {"name": f"tag {n}"}),
        (
            "thing_album",
            "thing_photo",
            "album_id",
            THINGS,
            lambda n: {"title": f"#thing {n}", "thing_type": "hashtag_attribute"},
        ),
        (
            "place_album",
            "place_photo",
            "album_id",
            len(PLACES),
            lambda n: {"title": PLACES[n], "geolocation_level": len(PLACES) - n},
        ),
        (
            "event_album",
            "event_photo",
            "album_id",
            EVENTS,
            lambda n: {
                "title": f"Weekend {n}",
                "happened_local": f"{date(2019, 1, 1) + timedelta(n)}T00:00:00",
                "created_at": now,
            },
        ),
    )
    for table, members, key, count, columns in plans:
        insert(db, table, ({"id": n + 1, **own, **columns(n)} for n in range(count)))
        rows = (
            {key: n + 1, "photo_id": (n * 97 + step * max(1, photos // held)) % photos + 1}
            for n in range(count)
            for step in range(held)
        )
        insert(db, members, rows)


def count_collections(instance, owner_id):
    """Count what was inserted, as every writer does."""
    instance.db.commit(recount_all, owner_id)
