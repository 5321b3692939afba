"""The kinds of albums that this room fills."""

from librephotos.db.tables import event_album, event_photo, thing_album, thing_photo
from librephotos.photos.collections import Collection

EVENTS = Collection("album_auto", event_album, event_photo)
THINGS = Collection("album_thing", thing_album, thing_photo)
