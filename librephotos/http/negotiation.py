"""Whether an `Accept` header allows a JSON answer (RFC 9110 section 12.5.1)."""

from functools import lru_cache

# A caller that only asks for HTML, such as a browser's address bar, gets JSON all the same.
_ACCEPTED = frozenset({"*/*", "application/*", "application/json", "text/html", "text/*"})


@lru_cache(maxsize=256)
def accepts_json(accept: bytes) -> bool:
    if not accept.strip():
        return True
    for part in accept.decode("latin-1").split(","):
        media_range, _, parameters = part.partition(";")
        if media_range.strip().lower() in _ACCEPTED and not _is_refused(parameters):
            return True
    return False


def _is_refused(parameters: str) -> bool:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            return value.strip() in ("0", "0.0", "0.00", "0.000")
    return False
