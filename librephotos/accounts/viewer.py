"""Who asks: the viewer of a request, read from the database on every request and never from a token's claims."""

import msgspec

ANONYMOUS_ID = 0


class Viewer(msgspec.Struct, frozen=True):
    """The caller. `user_id` is 0 for anonymous; `method` is `bearer`, `basic`, `cookie`, `key` or `none`.

    `session_id` is the row of the login session, None for Basic and for tokens minted elsewhere. `list_version` and
    `favorite_min_rating` come with the same statement that checked the credentials.

    `valid_from` is since when tokens of no session counted: it moves on with every change of the password.

    `scopes` are those of an API key, None for everybody else, who may do all that the account may. A key is never
    staff: `reads_server` alone lets an admin's key past the guard of what admins may read. `is_limited` says that the
    key sees nothing but the photos of its albums (`photos/visibility.py`).
    """

    user_id: int = ANONYMOUS_ID
    username: str = ""
    is_staff: bool = False
    is_superuser: bool = False
    favorite_min_rating: int = 4
    list_version: int = 0
    method: str = "none"
    session_id: int | None = None
    valid_from: int = 0
    key_id: int = 0
    scopes: frozenset[str] | None = None
    reads_server: bool = False
    is_limited: bool = False

    @property
    def standing(self) -> tuple[object, ...]:
        """Who asks by what right, without what may differ from one request to the next."""
        rights = (self.is_staff, self.is_superuser, self.scopes, self.reads_server, self.is_limited)
        return (self.user_id, self.session_id, self.key_id, *rights)

    @property
    def is_anonymous(self) -> bool:
        return self.user_id == ANONYMOUS_ID


ANONYMOUS = Viewer()
