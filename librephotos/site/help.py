"""What `GET /api/help` says: how to sign in, where things are, and commands that run when pasted."""

import shlex
from collections.abc import Iterable

import msgspec

API_PAGE = "/docs/api-authentication"
JWT_HOW_TO = (
    "POST your username and password as JSON to the obtain address, then send the access token as "
    "'Authorization: Bearer <access_token>'. In a browser the jwt cookie that obtain and refresh set is used for media."
)
ACCOUNT_HOW_TO = (
    "GET sessions lists your open logins, DELETE ends all others, DELETE with an id behind it ends one. "
    "GET events tells what happened to your account; add ?format=jsonl for everything, one JSON object a line."
)
BASIC_HOW_TO = (
    "Send 'Authorization: Basic ' and the base64 of 'username:password'; only over networks you trust."
)


class JwtHelp(msgspec.Struct):
    obtain: str
    refresh: str
    blacklist: str
    how_to: str


class BasicHelp(msgspec.Struct):
    how_to: str


class AuthenticationHelp(msgspec.Struct):
    default_authentication_classes: list[str]
    jwt: JwtHelp
    basic: BasicHelp


class UsefulEndpoints(msgspec.Struct):
    """The last three exist with DEBUG only."""

    api_root: str
    help: str
    photos: str
    search: str
    openapi_schema: str | msgspec.UnsetType = msgspec.UNSET
    swagger_ui: str | msgspec.UnsetType = msgspec.UNSET
    redoc: str | msgspec.UnsetType = msgspec.UNSET


class AccountHelp(msgspec.Struct):
    """The caller's own account."""

    account: str
    sessions: str
    events: str
    how_to: str


class Documentation(msgspec.Struct):
    api_authentication: str


class Examples(msgspec.Struct):
    obtain_token_curl: str
    refresh_token_curl: str
    call_api_with_bearer: str
    call_api_with_basic: str


class Help(msgspec.Struct):
    """`placeholders` says what to put for the words in the examples that stand for the caller's own."""

    about: str
    authentication: AuthenticationHelp
    useful_endpoints: UsefulEndpoints
    account: AccountHelp
    documentation: Documentation
    examples: Examples
    placeholders: dict[str, str]
    scopes: list[str]


PLACEHOLDERS = {
    "myuser": "your user name",
    "mypassword": "your password",
    "<access_token>": "the `access` that obtain or refresh answered",
    "<refresh_token>": "the `refresh` that obtain answered",
}


def build_help(base: str, scopes: Iterable[str], *, debug: bool) -> Help:
    """Return the help of the server at `base`, scheme and host without a closing slash."""
    obtain, refresh = f"{base}/api/auth/token/obtain/", f"{base}/api/auth/token/refresh/"
    photos = f"{base}/api/photos/"
    endpoints = UsefulEndpoints(f"{base}/", f"{base}/api/help", photos, f"{base}/api/photos/searchlist/")
    if debug:
        endpoints.openapi_schema = f"{base}/api/schema"
        endpoints.swagger_ui = f"{base}/api/swagger"
        endpoints.redoc = f"{base}/api/redoc"
    return Help(
        about="LibrePhotos API: how to authenticate, and where to begin",
        authentication=AuthenticationHelp(
            default_authentication_classes=["JWTAuthentication", "BasicAuthentication"],
            jwt=JwtHelp(obtain, refresh, f"{base}/api/auth/token/blacklist/", JWT_HOW_TO),
            basic=BasicHelp(BASIC_HOW_TO),
        ),
        useful_endpoints=endpoints,
        account=AccountHelp(
            f"{base}/api/auth/account/",
            f"{base}/api/auth/sessions/",
            f"{base}/api/auth/events/",
            ACCOUNT_HOW_TO,
        ),
        documentation=Documentation(f"{base}{API_PAGE}"),
        examples=_examples(obtain, refresh, photos),
        placeholders=PLACEHOLDERS,
        scopes=sorted(set(scopes)),
    )


def _examples(obtain: str, refresh: str, photos: str) -> Examples:
    # The host comes from the request: quoted, so that no host name can smuggle a command into a shell.
    post = "curl -X POST {} -H 'Content-Type: application/json' -d '{}'"
    return Examples(
        obtain_token_curl=post.format(shlex.quote(obtain), '{"username":"myuser","password":"mypassword"}'),
        refresh_token_curl=post.format(shlex.quote(refresh), '{"refresh":"<refresh_token>"}'),
        call_api_with_bearer=f"curl -H 'Authorization: Bearer <access_token>' {shlex.quote(photos)}",
        call_api_with_basic=f"curl -u myuser:mypassword {shlex.quote(photos)}",
    )
