"""What an account has until it chooses its own; the rules stand in a later room and are handed in by the wiring."""

from typing import Any

import msgspec


class AccountDefaults(msgspec.Struct, frozen=True):
    """`datetime_rules` is the text that is sent, `burst_rules` the array."""

    datetime_rules: str = "[]"
    burst_rules: list[Any] = []
