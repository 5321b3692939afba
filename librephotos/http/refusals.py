"""The shapes of refusals: the envelope of nearly all, and the published others, for routes to name in `refusals=`."""

from typing import Annotated

import msgspec

# Sent with a 403: where it is told who may what.
HELP_LINK = '</api/help>; rel="help"'


class ErrorEntry(msgspec.Struct, forbid_unknown_fields=True):
    field: str
    message: str


class Errors(msgspec.Struct, forbid_unknown_fields=True):
    """The shape of every refusal. `field` is the input field, `detail` or `non_field_errors`."""

    errors: Annotated[list[ErrorEntry], msgspec.Meta(min_length=1)]


class Failed(msgspec.Struct):
    """`{"status": false, "message": …}`, kept because clients read it."""

    status: bool
    message: str


class Message(msgspec.Struct):
    """`{"message": …}`, kept because clients read it."""

    message: str


class Mistake(msgspec.Struct):
    """`{"error": …}`, kept because clients read it."""

    error: str
