"""The bodies of the token endpoints."""

from typing import Annotated

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
    """Without `refresh`, the token is taken from the cookie that `remember` set. `rotate` (ours) exchanges it."""

    refresh: Text = ""
    rotate: object = None


class TokenPair(msgspec.Struct):
    refresh: str
    access: str


class AccessToken(msgspec.Struct):
    """`refresh` is there only when the body of the request had `rotate`."""

    access: str
    refresh: str | msgspec.UnsetType = msgspec.UNSET


class Empty(msgspec.Struct):
    """`{}`"""
