"""The bodies of the token endpoints."""

from typing import Annotated, Any

import msgspec
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from librephotos.http.fields import Input, RawText, Text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "This field may not be blank.")
    return text


# Kept as sent: it is compared untrimmed first, as a password manager may have made it.
SentPassword = Annotated[RawText, AfterValidator(_not_blank)]


class ObtainInput(Input):
    """`remember` (ours) also keeps the refresh token in a cookie that only the token endpoints read."""

    username: Text
    password: SentPassword
    remember: object = None


class RefreshInput(Input):
    """Without `refresh`, the token is taken from the cookie that `remember` set. `rotate` (ours) exchanges it.

    `if_remembered` (ours) is how the page asks whether somebody is signed in: that nobody is, is no error.
    """

    refresh: Text = ""
    rotate: object = None
    if_remembered: object = None


class ResetInput(Input):
    """Whose password is forgotten. Any text will do: what is nobody's address is answered like all others."""

    email: RawText | None = ""


class ResetConfirmInput(Input):
    """`uid` and `token` are the two parts of a mailed link; any other text is a link that does not work."""

    uid: str | None = ""
    token: str | None = ""
    new_password: RawText | None = ""


class TokenPair(msgspec.Struct):
    refresh: str
    access: str


class AccessToken(msgspec.Struct):
    """`refresh` is there only when the body of the request had `rotate`."""

    access: str
    refresh: str | msgspec.UnsetType = msgspec.UNSET


class Empty(msgspec.Struct):
    """`{}`"""


class OpenSession(msgspec.Struct):
    """A login that is not over. `method` is how it began; `current` is the one that asks."""

    id: int
    device: str
    user_agent: str
    address: str
    method: str
    created_at: str
    last_used_at: str
    expires_at: str
    current: bool = False


class AuditEvent(msgspec.Struct):
    """What happened. `actor` is who did it, null for nobody signed in; `subject_id` the account that it concerns.

    Alike refusals of an hour are one event with a `count`, `last_at` the latest of them.
    """

    id: int
    at: str
    last_at: str
    count: int
    kind: str
    result: str
    actor_id: int | None
    actor_name: str
    subject_id: int | None
    method: str
    address: str
    user_agent: str
    target: str
    detail: dict[str, Any]


class SignInMethod(msgspec.Struct):
    """A way into the account. `is_weak`: what is stored would be guessed too fast; signing in once replaces it."""

    kind: str
    is_set: bool
    is_weak: bool


class AccountKeys(msgspec.Struct):
    count: int


class AccountSessions(msgspec.Struct):
    """`current_id` is null for Basic and for tokens of no session."""

    count: int
    current_id: int | None


class AccountFacts(msgspec.Struct):
    """How an account can be entered, by what it is entered now, and what happened lately."""

    id: int
    username: str
    sign_in_methods: list[SignInMethod]
    keys: AccountKeys
    sessions: AccountSessions
    recent_events: list[AuditEvent]
