"""Who follows changed photos. Importing this registers them; every process that writes photos does."""

from librephotos.albums.queries.followers import TAGS, USER_ALBUMS
from librephotos.albums.queries.kinds import EVENTS, THINGS
from librephotos.albums.queries.things import HASHTAGS
from librephotos.library.queries.write_back import DUE
from librephotos.people.queries.counting import PERSONS
from librephotos.photos.changes import follow
from librephotos.places.queries.locating import PLACES
from librephotos.search.queries.documents import DOCUMENTS
from librephotos.stacks.queries.following import STACKS

# Hashtags come before the things that they are counted as; what photos are found by says all that others made of them.
follow(
    PERSONS,
    PLACES,
    HASHTAGS,
    THINGS,
    EVENTS,
    USER_ALBUMS,
    TAGS,
    DOCUMENTS,
    DUE,
    spreading=[STACKS],
)
