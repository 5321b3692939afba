"""The few HTML pages that the server writes itself: plain files with `$base` in them, no template language."""

from functools import lru_cache
from html import escape
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent / "html"
# Pages load from this host alone. ReDoc and Swagger UI write styles into the page and draw icons from data: addresses.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
VIEWER_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@lru_cache(maxsize=16)
def _template(name: str) -> Template:
    return Template((FOLDER / name).read_text(encoding="utf-8"))


def render_shell(name: str, base: str = "") -> str:
    """Return the page `name` for the server at `base`, which comes from the request and is escaped."""
    return _template(name).substitute(base=escape(base))
