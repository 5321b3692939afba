"""Time zones and the rules that editors offer. Each answer is a JSON text that holds JSON: clients parse it twice."""

from functools import lru_cache
from typing import Any

from litestar import Response, get
from litestar.handlers import BaseRouteHandler

from librephotos.http.rendering import json_bytes
from librephotos.kit import json
from librephotos.kit.zones import zone_names
from librephotos.library.date_rules import PREDEFINED_DATE_RULES, default_date_rules
from librephotos.stacks.burst_rules import PREDEFINED_BURST_RULES, default_burst_rules


def _twice(value: Any) -> bytes:  # any JSON value
    return json.dump_bytes(json.dumps(value))


@lru_cache(maxsize=1)
def _zones() -> bytes:
    return _twice(zone_names())


_DEFAULT_RULES = _twice(default_date_rules())
_PREDEFINED_RULES = _twice(PREDEFINED_DATE_RULES)
_DEFAULT_BURST_RULES = _twice(default_burst_rules())
_PREDEFINED_BURST_RULES = _twice(PREDEFINED_BURST_RULES)


@get("/api/timezones/", scope="account:read")
async def list_time_zones() -> Response[bytes]:
    """Every IANA zone name, aliases included."""
    return json_bytes(_zones())


@get("/api/defaultrules/", scope="account:read")
async def list_default_rules() -> Response[bytes]:
    """The date rules that an account starts with, in order."""
    return json_bytes(_DEFAULT_RULES)


@get("/api/predefinedrules/", scope="account:read")
async def list_predefined_rules() -> Response[bytes]:
    """Every date rule that the editor offers, the default ones first."""
    return json_bytes(_PREDEFINED_RULES)


@get("/api/defaultburstrules/", scope="account:read")
async def list_default_burst_rules() -> Response[bytes]:
    """The burst rules that an account starts with, in order."""
    return json_bytes(_DEFAULT_BURST_RULES)


@get("/api/predefinedburstrules/", scope="account:read")
async def list_predefined_burst_rules() -> Response[bytes]:
    """Every burst rule that the editor offers, the default ones first."""
    return json_bytes(_PREDEFINED_BURST_RULES)


ROUTES: list[BaseRouteHandler] = [
    list_time_zones,
    list_default_rules,
    list_predefined_rules,
    list_default_burst_rules,
    list_predefined_burst_rules,
]
