"""What `GET /api/help` says: how to sign in, where things are, and commands that run when pasted."""

import shlex

import msgspec

from librephotos.accounts.scopes import GRANTABLE, SCOPES, sorted_scopes

API_PAGE = "/docs/api-authentication"
JWT_HOW_TO = (
    "POST your username and password as JSON to the obtain address, then send the access token as "
    "'Authorization: Bearer <access_token>'. In a browser the jwt cookie that obtain and refresh set is used for "
    "media. After ten wrong passwords the answer is 429: wait the seconds of its Retry-After."
)
ACCOUNT_HOW_TO = (
    "GET sessions lists your open logins, DELETE ends all others, DELETE with an id behind it ends one. "
    "GET events tells what happened to your account; add ?format=jsonl for everything, one JSON object a line."
)
BASIC_HOW_TO = (
    "Send 'Authorization: Basic ' and the base64 of 'username:password'; only over networks you trust."
)
KEY_HOW_TO = (
    "POST a name and scopes to the manage address, signed in or by Basic; the answer shows the key once. Send it as "
    "'Authorization: Bearer <api_key>', or as the password of Basic with your username. It does what its scopes say "
    "and never more than you may; it is not read from addresses or cookies."
)


class JwtHelp(msgspec.Struct):
    obtain: str
    refresh: str
    blacklist: str
    how_to: str


class BasicHelp(msgspec.Struct):
    how_to: str


class KeyHelp(msgspec.Struct):
    """`scopes` are those that a key can hold."""

    manage: str
    how_to: str
    scopes: list[str]


class AuthenticationHelp(msgspec.Struct):
    default_authentication_classes: list[str]
    jwt: JwtHelp
    basic: BasicHelp
    api_key: KeyHelp


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
    create_api_key_curl: str
    call_api_with_key: str


class Help(msgspec.Struct):
    """`placeholders` says what to put for the words in the examples that stand for the caller's own.

    `scopes` are all that routes name, with what they mean.
    """

    about: str
    authentication: AuthenticationHelp
    useful_endpoints: UsefulEndpoints
    account: AccountHelp
    documentation: Documentation
    examples: Examples
    placeholders: dict[str, str]
    scopes: dict[str, str]


PLACEHOLDERS = {
    "myuser": "your user name",
    "mypassword": "your password",
    "<access_token>": "the `access` that obtain or refresh answered",
    "<refresh_token>": "the `refresh` that obtain answered",
    "<api_key>": "the `key` that making an API key answered",
}


def build_help(base: str, *, debug: bool) -> Help:
    """Return the help of the server at `base`, scheme and host without a closing slash."""
    obtain, refresh = f"{base}/api/auth/token/obtain/", f"{base}/api/auth/token/refresh/"
    photos, keys = f"{base}/api/photos/", f"{base}/api/auth/keys/"
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
            api_key=KeyHelp(keys, KEY_HOW_TO, sorted_scopes(GRANTABLE)),
        ),
        useful_endpoints=endpoints,
        account=AccountHelp(
            f"{base}/api/auth/account/",
            f"{base}/api/auth/sessions/",
            f"{base}/api/auth/events/",
            ACCOUNT_HOW_TO,
        ),
        documentation=Documentation(f"{base}{API_PAGE}"),
        examples=_examples(obtain, refresh, photos, keys),
        placeholders=PLACEHOLDERS,
        scopes={scope.name: scope.meaning for scope in SCOPES.values()},
    )


def _examples(obtain: str, refresh: str, photos: str, keys: str) -> Examples:
    # The host comes from the request: quoted, so that no host name can smuggle a command into a shell.
    post = "curl -X POST {} -H 'Content-Type: application/json' -d '{}'"
    return Examples(
        obtain_token_curl=post.format(shlex.quote(obtain), '{"username":"myuser","password":"mypassword"}'),
        refresh_token_curl=post.format(shlex.quote(refresh), '{"refresh":"<refresh_token>"}'),
        call_api_with_bearer=f"curl -H 'Authorization: Bearer <access_token>' {shlex.quote(photos)}",
        call_api_with_basic=f"curl -u myuser:mypassword {shlex.quote(photos)}",
        create_api_key_curl=post.format(
            f"-u myuser:mypassword {shlex.quote(keys)}", '{"name":"my script","scopes":["photos:read"]}'
        ),
        call_api_with_key=f"curl -H 'Authorization: Bearer <api_key>' {shlex.quote(photos)}",
    )
