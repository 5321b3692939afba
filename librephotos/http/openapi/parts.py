"""The parts of the document that no handler says: error answers, credentials, the media mount."""

from typing import Any

Part = dict[str, Any]

_ENVELOPE: Part = {"application/json": {"schema": {"$ref": "#/components/schemas/Errors"}}}
_HELP = {"Link": {"description": "Where help is found.", "schema": {"type": "string"}}}
_RETRY = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string", "pattern": "^[0-9]+$"}}
}
_CHALLENGE = {"WWW-Authenticate": {"description": "Always begins `Bearer`.", "schema": {"type": "string"}}}
_ALLOW = {"Allow": {"description": "The methods it has.", "schema": {"type": "string"}}}


def _refusal(description: str, headers: Part | None = None) -> Part:
    return {"description": description, "headers": headers or {}, "content": _ENVELOPE}


# Name of the component by status; operations refer to them.
REFUSALS: dict[int, tuple[str, Part]] = {
    400: ("BadInput", _refusal("Wrong or missing values, one entry a field.")),
    401: ("NotAuthenticated", _refusal("Credentials are missing or unusable.", {**_CHALLENGE, **_HELP})),
    403: ("Forbidden", _refusal("Known caller, not allowed.", _HELP)),
    404: ("NotFound", _refusal("Unknown, or not the caller's to see; both look the same.")),
    405: ("MethodNotAllowed", _refusal("The path has no such method.", _ALLOW)),
    406: ("NotAcceptable", _refusal("`Accept` allows none of the types there are.")),
    408: ("BodyTimeout", _refusal("The body did not arrive in time.")),
    413: ("TooLarge", _refusal("The body is too large.")),
    415: ("UnsupportedMediaType", _refusal("The body is of a type that is not read here.")),
    422: ("Unplayable", _refusal("The video cannot be converted; the text says why.")),
    429: ("TooManyRequests", _refusal("Too many requests; try again later.", _RETRY)),
    431: ("HeadersTooLarge", _refusal("The headers are too large, together over 64 KiB.")),
    500: ("ServerError", _refusal("Our fault; it was logged.")),
    503: ("Unavailable", _refusal("Busy; try again in a moment.", _RETRY)),
    507: ("InsufficientStorage", _refusal("The server's disk is too full.")),
}

SECURITY_SCHEMES: Part = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The `access` token of `POST /api/auth/token/obtain/`; it lives five minutes.",
    },
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "User name and password with every request; for scripts on networks you trust.",
    },
    "key": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "lp_…",
        "description": (
            "An API key of `POST /api/auth/keys/`, which must hold the scopes that are named; `x-scopes` lists all. "
            "It may also be the password of Basic."
        ),
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "jwt",
        "description": "Set by the token endpoints; counts for media, downloads and uploads only.",
    },
}

PARAMETERS: dict[str, str] = {
    "page": "Page number from 1; `last` is the last one.",
    "page_size": "Entries a page; larger values are cut to the largest allowed.",
    "limit": "Entries a page.",
    "offset": "Entries to skip.",
    "search": "Words that all must occur; quoted phrases stay together.",
    "public": "Any text: only what is public.",
    "hidden": "Any text: only what is hidden.",
    "in_trashcan": "Any text: only what is in the trash.",
    "favorite": "`false`, `0`, `no`, `off` are false; any other text is true.",
    "video": "Only videos.",
    "photo": "Only photos.",
    "person": "Only photos with the person of this id.",
    "inferred": "Whether faces are suggested to be somebody's rather than labelled so.",
    "analysis_method": "Whose suggestions count: `clustering` or `classification`.",
    "min_confidence": "From which probability on a suggestion counts.",
    "order_by": "`confidence` or `date`.",
    "path": "A folder inside the library.",
    "kind": "Only events of this kind.",
    "result": "`ok` or `refused`.",
    "user": "Id or name of an account: what it did, and what concerns it.",
    "address": "Only events from this address.",
    "since": "Not before this time; without an offset it is UTC.",
    "until": "Before this time; without an offset it is UTC.",
    "format": "`jsonl` sends everything, one JSON object a line; so does `Accept: application/x-ndjson`.",
}

MEDIA_TYPES = (
    "image/webp",
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/tiff",
    "image/avif",
    "image/heic",
    "image/heif",
    "image/jxl",
    "image/bmp",
    "video/mp4",
    "video/quicktime",
    "application/zip",
    "application/octet-stream",
)
MEDIA_KINDS = (
    "thumbnails_big",
    "square_thumbnails",
    "square_thumbnails_small",
    "photos",
    "faces",
    "video",
    "embedded_media",
    "avatars",
    "zip",
)
_BYTES: Part = {name: {"schema": {"type": "string", "format": "binary"}} for name in MEDIA_TYPES}
_TAG: Part = {"ETag": {"schema": {"type": "string"}}}
_MEDIA_ERROR: Part = {
    "X-Media-Error": {"description": "`authentication`: sign in.", "schema": {"type": "string"}}
}


def _text(name: str, place: str, **schema: Any) -> Part:  # JSON Schema keywords
    return {"name": name, "in": place, "required": place == "path", "schema": {"type": "string", **schema}}


def _shared(status: int) -> Part:
    return {"$ref": f"#/components/responses/{REFUSALS[status][0]}"}


MEDIA_PATHS: Part = {
    "/media/{kind}/{name}": {
        "get": {
            "tags": ["media"],
            "summary": "A thumbnail, an original, a clip or an avatar.",
            "description": (
                "`name` is an image hash or a photo's id; what follows the first `.` is ignored. Ranges, `If-Range`, "
                "`If-None-Match` and HEAD work. `transcode=1` asks for a video in a form that plays everywhere: while "
                "it is made it is sent as it grows, without ranges, never to be stored; then it is a file like others."
            ),
            "operationId": "get_media",
            "security": [{}, {"bearer": []}, {"cookie": []}, {"basic": []}, {"key": ["photos:read"]}],
            "x-access": "anyone",
            "x-scope": "photos:read",
            "parameters": [
                _text("kind", "path", enum=list(MEDIA_KINDS)),
                _text("name", "path", minLength=1),
                _text("transcode", "query"),
                _text("Range", "header"),
                _text("If-None-Match", "header"),
            ],
            "responses": {
                "200": {"description": "The whole file.", "headers": _TAG, "content": _BYTES},
                "206": {
                    "description": "The part that was asked for.",
                    "headers": {**_TAG, "Content-Range": {"schema": {"type": "string"}}},
                    "content": _BYTES,
                },
                "304": {"description": "Unchanged since last fetched."},
                "401": _shared(401),
                "431": _shared(431),
                "403": {
                    "description": "Anonymous callers: what is not public and what does not exist. No body.",
                    "headers": _MEDIA_ERROR,
                },
                "404": {"description": "Unknown, or not the caller's to see. No body."},
                "405": _shared(405),
                "416": {"description": "The range lies outside the file. No body."},
                "422": _shared(422),
                "429": _shared(429),
                "500": _shared(500),
                "503": _shared(503),
                "507": _shared(507),
            },
        }
    }
}
MEDIA_PATHS["/api/downloads/{name}"] = {
    "get": {
        **MEDIA_PATHS["/media/{kind}/{name}"]["get"],
        "tags": ["downloads"],
        "summary": "An archive of the caller's own, until a day after it was made.",
        "description": "`name` is the archive's UUID followed by the caller's id. Ranges and HEAD work.",
        "operationId": "get_archive",
        "security": [{"bearer": []}, {"cookie": []}, {"basic": []}, {"key": ["downloads:read"]}],
        "x-access": "signed_in",
        "x-scope": "downloads:read",
        "parameters": [
            _text("name", "path", minLength=1),
            _text("Range", "header"),
            _text("If-None-Match", "header"),
        ],
    }
}
