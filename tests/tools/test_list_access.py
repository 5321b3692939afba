"""docs/access.md says who may call what, and is true: it is what the route table says now."""

from librephotos.app import ROUTES
from tools.list_access import DOCUMENT, access_page


def test_the_page_is_what_the_route_table_says():
    assert access_page() == DOCUMENT.read_text(), "stale: run `python tools/list_access.py`"


def test_every_route_and_method_has_a_line():
    lines = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| ") and "`/" in line]
    served = sum(len(route.paths) * len(route.http_methods) for route in ROUTES)
    assert (
        len([line for line in lines if "(with DEBUG)" not in line]) == served + 3
    )  # media, and archives in two places
    assert "| POST | `/api/auth/keys/` | signed_in | `account:manage` | token, basic |  |" in lines
    assert "| GET | `/api/photos/` | signed_in | `photos:read` | token, basic, key | yes |" in lines
    assert "| POST | `/api/auth/token/obtain/` | anyone | `public` | none |  |" in lines
