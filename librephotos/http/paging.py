"""The published paging forms: page-number and limit-offset, with absolute links."""

from typing import Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec

from librephotos.errors import NotFound
from librephotos.http.flags import positive_int

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T]):
    """`{count, next, previous, results}`; links are absolute or null."""

    count: int
    next: str | None
    previous: str | None
    results: list[T]


class PageClass(msgspec.Struct, frozen=True):
    """A default and a maximum size of pages."""

    default: int
    maximum: int


HUGE = PageClass(2500, 5000)
STANDARD = PageClass(1000, 2000)
REGULAR = PageClass(100, 200)
TINY = PageClass(20, 50)


class PageRequest(msgspec.Struct, frozen=True):
    """What the caller asked: `page` is None for `last`; `link_base` is scheme, host, path with closing slash."""

    page: int | None
    size: int
    link_base: str
    query: str

    @property
    def offset(self) -> int:
        return ((self.page or 1) - 1) * self.size

    def settle(self, count: int) -> "PageRequest":
        """Return this request with `last` resolved. Raises NotFound `Invalid page.` when it does not exist."""
        last = max(1, -(-count // self.size))
        page = last if self.page is None else self.page
        if not 1 <= page <= last:
            raise NotFound("Invalid page.")
        return msgspec.structs.replace(self, page=page)

    def answer(self, count: int, results: list[T]) -> Page[T]:
        """Return the page with its links; the request must be settled."""
        page = self.page or 1
        last = max(1, -(-count // self.size))
        return Page(
            count=count,
            next=self._link("page", page + 1) if page < last else None,
            previous=self._link("page", page - 1 if page > 2 else None) if page > 1 else None,
            results=results,
        )

    def _link(self, name: str, value: int | None) -> str:
        return link(self.link_base, self.query, {name: value})


def link(base: str, query: str, changes: dict[str, int | None]) -> str:
    """Return `base` with the parameters of `query` sorted by name, `changes` applied, None dropped."""
    given = dict(parse_qsl(query, keep_blank_values=True))
    merged: dict[str, str] = {**given, **{k: str(v) for k, v in changes.items() if v is not None}}
    for name, value in changes.items():
        if value is None:
            merged.pop(name, None)
    text = urlencode(sorted(merged.items()))
    return f"{base}?{text}" if text else base


def parse_page(base: str, query: str, sizes: PageClass) -> PageRequest:
    """Read `page` and `page_size` of a query string. Raises NotFound `Invalid page.` for a page that is no number."""
    given = dict(parse_qsl(query, keep_blank_values=True))
    size = positive_int(given.get("page_size"), sizes.default, sizes.maximum)
    text = given.get("page", "1").strip() or "1"
    if text == "last":
        return PageRequest(None, size, base, query)
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise NotFound("Invalid page.")
    return PageRequest(int(text), size, base, query)


class OffsetRequest(msgspec.Struct, frozen=True):
    """Limit-offset paging; unusable values count as the defaults."""

    limit: int
    offset: int
    link_base: str
    query: str

    def answer(self, count: int, results: list[T]) -> Page[T]:
        following = self.offset + self.limit
        before = max(0, self.offset - self.limit)
        return Page(
            count=count,
            next=self._link(following) if following < count else None,
            previous=self._link(before) if self.offset > 0 else None,
            results=results,
        )

    def _link(self, offset: int) -> str:
        return link(self.link_base, self.query, {"limit": self.limit, "offset": offset or None})


def parse_offset(base: str, query: str, default_limit: int = 20000) -> OffsetRequest:
    given = dict(parse_qsl(query, keep_blank_values=True))
    limit = positive_int(given.get("limit"), default_limit, default_limit)
    return OffsetRequest(limit, positive_int(given.get("offset"), 0), base, query)
