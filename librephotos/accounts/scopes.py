"""The closed list of scopes: what an API key may be given, and what no key ever holds.

Every route names one of them. Logins and passwords are not limited by scopes.
"""

from typing import Any, Final

import msgspec

# Routes that anybody may call; a key needs nothing for them.
PUBLIC: Final = "public"
SERVER_READ: Final = "server:read"


class Scope(msgspec.Struct, frozen=True):
    """`is_grantable` is false for what only somebody who signed in may do."""

    name: str
    meaning: str
    is_grantable: bool = True


_ALL = (
    Scope(PUBLIC, "What anybody may call; needs no scope.", is_grantable=False),
    Scope("photos:read", "See photos, their details and their media."),
    Scope("photos:write", "Edit, hide, trash and publish photos."),
    Scope("albums:read", "See days, albums and the things and places that photos are grouped by."),
    Scope("albums:write", "Make, change and delete albums."),
    Scope("people:read", "See persons and faces."),
    Scope("people:write", "Label faces; name, merge and delete persons."),
    Scope("places:read", "See the map and addresses."),
    Scope("search:read", "Search."),
    Scope("sharing:read", "See shares and public links."),
    Scope("sharing:write", "Share with other users and make public links."),
    Scope("uploads:write", "Upload files."),
    Scope("downloads:read", "Make and fetch archives."),
    Scope("library:scan", "Start scans and the removal of photos whose files are gone."),
    Scope("jobs:read", "See own jobs."),
    Scope("jobs:write", "Cancel own jobs and take them out of the history."),
    Scope("stats:read", "See counts and disk usage."),
    Scope("account:read", "See the own account's settings, and what everybody may know of others."),
    Scope(SERVER_READ, "Read what only admins may read of the server; given to admins only."),
    Scope("account:manage", "Change the own account: profile, password, sessions, keys.", is_grantable=False),
    Scope("users:manage", "See, make, change and delete other accounts.", is_grantable=False),
    Scope("server:manage", "Change the server's settings.", is_grantable=False),
)
SCOPES: Final[dict[str, Scope]] = {scope.name: scope for scope in _ALL}
GRANTABLE: Final = frozenset(scope.name for scope in _ALL if scope.is_grantable)


def sorted_scopes(names: frozenset[str] | set[str]) -> list[str]:
    """Return the names in the order of the list."""
    return [name for name in SCOPES if name in names]


def described_scopes() -> list[dict[str, Any]]:
    """Return the list as plain values, for documents."""
    return [msgspec.structs.asdict(scope) for scope in _ALL]
