"""The few HTML pages that the server writes itself: plain files with `$base` in them, no template language."""

import hashlib
from base64 import b64encode
from functools import lru_cache
from html import escape
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent / "html"
STYLE = (FOLDER / "site.css").read_text(encoding="utf-8")
# Nothing but our one style sheet, which stands in each page and is known by its hash.
_BARE = (
    f"default-src 'none'; style-src 'sha256-{b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
    "img-src data:; base-uri 'none'; frame-ancestors 'none'; "
)
POLICY = f"{_BARE}form-action 'none'"
# The built page: scripts, styles and pictures of this server alone, nothing inline, nothing framed.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# ReDoc and Swagger UI write styles into the page and draw icons from data: addresses.
VIEWER_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@lru_cache(maxsize=16)
def _template(name: str) -> Template:
    return Template((FOLDER / name).read_text(encoding="utf-8"))


def render_shell(name: str, base: str = "", documents: str = "") -> str:
    """Return the page `name` for the server at `base`, which comes from the request and is escaped.

    `documents` is HTML: the links to the API document, where they lead somewhere.
    """
    return _template(name).substitute(base=escape(base), style=STYLE, documents=documents)
