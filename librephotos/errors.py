"""The error family: every refusal that an HTTP caller, the CLI or a job may see.

Subclasses carry the status, a stable code and a safe text; `http/rendering.py` turns them into answers.
None derives from ValueError, because input conversion would swallow it.
"""

from collections.abc import Mapping, Sequence


class LibrePhotosError(Exception):
    """An error whose text may be shown to the person who caused it."""

    status = 500
    code = "error"
    message = "Internal server error."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)
        self.message = message or self.message


class ApiError(LibrePhotosError):
    """A refusal in the envelope `{"errors": [{"field", "message"}]}`; `entries` are (field, message) pairs in order."""

    def __init__(
        self,
        message: str | None = None,
        *,
        field: str = "detail",
        entries: Sequence[tuple[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.entries = list(entries) if entries is not None else [(field, self.message)]
        self.headers = dict(headers or {})


class BadInput(ApiError):
    """400: the input has wrong values; one entry a field."""

    status = 400
    code = "bad_input"
    message = "Invalid input."

    @classmethod
    def of(cls, field: str, message: str) -> "BadInput":
        return cls(message, field=field)


class NotAuthenticated(ApiError):
    """401: credentials are missing or unusable (RFC 9110 section 15.5.2)."""

    status = 401
    code = "not_authenticated"
    message = "Authentication credentials were not provided."


class InvalidToken(NotAuthenticated):
    """401 with the two entries `detail` and `code`, and `messages` when the caller gives the cause."""

    code = "token_not_valid"

    def __init__(self, message: str, *, code: str = "token_not_valid", cause: str | None = None) -> None:
        entries = [("detail", message), ("code", code)]
        if cause is not None:
            entries.append(("messages", cause))
        super().__init__(message, entries=entries)


class Forbidden(ApiError):
    """403: seen, but not theirs to do."""

    status = 403
    code = "forbidden"
    message = "You do not have permission to perform this action."


class KeyForbidden(Forbidden):
    """403 for an API key, with the entries `detail` and `code`: `missing_scope`, or `limited_key`."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message, entries=[("detail", message), ("code", code)])


class NotFound(ApiError):
    """404: unknown, or not the caller's to see; both look the same."""

    status = 404
    code = "not_found"
    message = "Not found."

    @classmethod
    def of(cls, model: str) -> "NotFound":
        """The published text for a row of `model`, such as `Photo`."""
        return cls(f"No {model} matches the given query.")


class MethodNotAllowed(ApiError):
    status = 405
    code = "method_not_allowed"


class NotAcceptable(ApiError):
    status = 406
    code = "not_acceptable"
    message = "Could not satisfy the request Accept header."


class Conflict(ApiError):
    """409: a unique value is taken. Rooms that know the field turn it into a BadInput."""

    status = 409
    code = "conflict"
    message = "The value is already in use."


class TooLarge(ApiError):
    status = 413
    code = "too_large"
    message = "The request body is too large."


class UnsupportedMediaType(ApiError):
    status = 415
    code = "unsupported_media_type"


class TooManyRequests(ApiError):
    """429 with `Retry-After` in whole seconds."""

    status = 429
    code = "throttled"

    def __init__(self, retry_after_seconds: int, message: str | None = None) -> None:
        text = message or f"Request was throttled. Expected available in {retry_after_seconds} seconds."
        super().__init__(text, headers={"Retry-After": str(retry_after_seconds)})


class Unavailable(ApiError):
    """503: the database or a helper is busy or away; trying again later may work."""

    status = 503
    code = "unavailable"
    message = "The server is busy. Try again in a moment."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, headers={"Retry-After": "2"})


class InsufficientStorage(ApiError):
    """507: the disk is too full for what was asked."""

    status = 507
    code = "insufficient_storage"
    message = "There is not enough free space on the server."


class Refusal(LibrePhotosError):
    """An answer in a shape of its own, kept because clients read it: `body` is sent as JSON, None as no body."""

    def __init__(self, status: int, body: object = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"refused with status {status}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


class Deadlock(Unavailable):
    """Two transactions waited for each other and the database ended this one; the other went on."""


class BadSetting(LibrePhotosError):
    """A setting that stops the start; the text names the variable and says what to do."""


class DataFolderInUse(LibrePhotosError):
    """A second start on one data folder; the text names the holder of the lock."""
