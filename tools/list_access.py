"""Writes docs/access.md from the route table: `python tools/list_access.py`."""

from pathlib import Path

from litestar.handlers import BaseRouteHandler

from librephotos.accounts.guard import rule_of
from librephotos.accounts.scopes import GRANTABLE, PUBLIC, SCOPES
from librephotos.app import ROUTES
from librephotos.http.openapi.published import published
from librephotos.page.routes import DEBUG_ROUTES
from librephotos.photos.media import DOWNLOADS_SCOPE
from librephotos.photos.media import SCOPE as MEDIA_SCOPE

DOCUMENT = Path(__file__).parent.parent / "docs" / "access.md"
HEAD = """# Who may call what

Every route with the callers it admits, the scope that an API key needs, and the credentials that count there. Which
rows such a caller sees is decided by each query. This page is written by `python tools/list_access.py` from the route
table that the server runs; a test fails when it is stale, and `tests/authorization` drives every line of it.

* **Caller**: `anyone` (anonymous callers too; they see what is public), `signed_in`, `admin` (staff), `superuser`.
  `by_handler` asks for the credentials itself, and answers 403 in a shape of its own: uploads.
  Where only reading is open to anyone, other methods need a login.
* **Scope**: what an API key must hold. `public` needs none. An API key of an admin passes for an admin only where the
  scope is `server:read`.
* **Credentials**: `token` is an access token, `basic` user name and password, `key` an API key (as Bearer or as the
  password of Basic), `cookie` the media cookie, `none` that nothing is looked at.
* **Limited**: whether a key that is limited to albums may come in; it then sees only their photos.

"""
ROUTE_TABLE = """## Routes

| Method | Route | Caller | Scope | Credentials | Limited |
| --- | --- | --- | --- | --- | --- |
"""
SCOPE_TABLE = """
## Scopes

| Scope | Keys can hold it | Meaning |
| --- | --- | --- |
"""


def access_page() -> str:
    """Return the page."""
    lines = sorted(
        {
            line
            for routes, note in ((ROUTES, ""), (DEBUG_ROUTES, " (with DEBUG)"))
            for route in routes
            for line in lines_of(route, note)
        }
    )
    media = "token, cookie, basic, key"
    lines += [
        (f"`/media/{{kind}}/{{name}}` | anyone | `{MEDIA_SCOPE}` | {media} | yes", "GET"),
        (f"`/media/zip/{{name}}` | signed_in | `{DOWNLOADS_SCOPE}` | {media} | no", "GET"),
        (f"`/api/downloads/{{name}}` | signed_in | `{DOWNLOADS_SCOPE}` | {media} | no", "GET"),
    ]
    text = HEAD + ROUTE_TABLE + "".join(f"| {method} | {rest} |\n" for rest, method in lines) + SCOPE_TABLE
    for scope in SCOPES.values():
        text += f"| `{scope.name}` | {'yes' if scope.is_grantable else 'no'} | {scope.meaning} |\n"
    return text


def lines_of(route: BaseRouteHandler, note: str) -> list[tuple[str, str]]:
    """Return what follows the method, and the method, for each path and method of a handler."""
    scope = route.opt["scope"]
    is_limited_in = scope == PUBLIC or (scope in GRANTABLE and route.opt.get("narrows", False))
    tail = f"{rule_of(route).__name__} | `{scope}` | {', '.join(credentials_of(route))} | "
    tail += ("yes" if is_limited_in else "no") if "key" in credentials_of(route) else ""
    return [
        (f"`{written(route, path)}`{note} | {tail}", method)
        for path in route.paths
        for method in sorted(getattr(route, "http_methods", ()))
        if method != "OPTIONS"
    ]


def written(route: BaseRouteHandler, path: str) -> str:
    """Return a path without the types of its parameters; with its closing slash where the API publishes one."""
    bare = path.replace(":str}", "}")
    return bare if getattr(route, "include_in_schema", True) is False else published(bare)


def credentials_of(route: BaseRouteHandler) -> list[str]:
    kind = route.opt.get("credentials")
    if kind == "ignored":
        return ["none"]
    known = ["token", "cookie"] if kind == "cookie" else ["token", "basic"]
    scope = route.opt["scope"]
    return [*known, "key"] if scope == PUBLIC or scope in GRANTABLE else known


def main() -> None:
    DOCUMENT.write_text(access_page())


if __name__ == "__main__":
    main()
