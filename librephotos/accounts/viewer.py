"""Who asks: the viewer of a request, read from the database on every request and never from a token's claims."""

import msgspec

ANONYMOUS_ID = 0


class Viewer(msgspec.Struct, frozen=True):
    """The caller. `user_id` is 0 for anonymous; `method` is `bearer`, `basic`, `cookie` or `none`.

    `session_id` is the row of the login session, None for Basic and for tokens minted elsewhere. `list_version` and
    `favorite_min_rating` come with the same statement that checked the credentials.
    """

    user_id: int = ANONYMOUS_ID
    username: str = ""
    is_staff: bool = False
    is_superuser: bool = False
    favorite_min_rating: int = 4
    list_version: int = 0
    method: str = "none"
    session_id: int | None = None

    @property
    def is_anonymous(self) -> bool:
        return self.user_id == ANONYMOUS_ID


ANONYMOUS = Viewer()
