"""Who appears with whom on the viewer's visible photos."""

from sqlalchemy import and_, select

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement
from librephotos.db.tables import face, person, photo
from librephotos.db.transactions import Tx
from librephotos.people.names import USER
from librephotos.photos.visibility import IS_OWN, IS_VISIBLE, VIEWER_ID

Pair = tuple[str, str]

_OTHER_FACE = face.alias("other_face")
_OTHER = person.alias("other")
_PAIRS: Statement[Pair] = Statement(
    select(person.c.name, _OTHER.c.name)
    .select_from(
        face.join(photo, photo.c.id == face.c.photo_id)
        .join(person, person.c.id == face.c.person_id)
        .join(
            _OTHER_FACE,
            and_(_OTHER_FACE.c.photo_id == face.c.photo_id, _OTHER_FACE.c.person_id > face.c.person_id),
        )
        .join(_OTHER, _OTHER.c.id == _OTHER_FACE.c.person_id)
    )
    .where(
        IS_OWN,
        IS_VISIBLE,
        person.c.owner_id == VIEWER_ID,
        _OTHER.c.owner_id == VIEWER_ID,
        person.c.kind == USER,
        _OTHER.c.kind == USER,
        face.c.is_deleted.is_(False),
        _OTHER_FACE.c.is_deleted.is_(False),
        person.c.name != _OTHER.c.name,
    )
    .distinct()
    .order_by(person.c.name, _OTHER.c.name),
    lambda name, other: (name, other),
)


def list_pairs(tx: Tx, viewer: Viewer) -> list[Pair]:
    """Return pairs of names, each once whatever the direction."""
    found = {(min(pair), max(pair)) for pair in tx.all(_PAIRS, viewer_id=viewer.user_id)}
    return sorted(found)
