"""The numbered pages of stacks and duplicate groups: no page is refused, past the end come the last page's rows."""

from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec

from librephotos.http.flags import positive_int
from librephotos.stacks.schemas import Numbered

T = TypeVar("T")

DEFAULT_SIZE: Final = 20
MAX_SIZE: Final = 100


class NumberedRequest(msgspec.Struct, frozen=True):
    """`page` as it was asked for."""

    page: int
    size: int

    def pages(self, count: int) -> int:
        return max(1, -(-count // self.size))

    def offset(self, count: int) -> int:
        return (min(self.page, self.pages(count)) - 1) * self.size

    def answer(self, count: int, results: list[T]) -> Numbered[T]:
        pages = self.pages(count)
        shown = min(self.page, pages)
        return Numbered(results, count, pages, self.page, self.size, shown < pages, shown > 1)


def parse_numbered(query: Mapping[str, str]) -> NumberedRequest:
    """Read `page` and `page_size`; what is of no use counts as 1 and 20."""
    return NumberedRequest(
        positive_int(query.get("page"), 1),
        positive_int(query.get("page_size"), DEFAULT_SIZE, MAX_SIZE),
    )
