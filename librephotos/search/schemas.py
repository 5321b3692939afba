"""What the search sends."""

import msgspec

from librephotos.photos.schemas import DatePhotosGroup, PigPhoto


class FoundByDay(msgspec.Struct):
    """By days, newest first; the undated group comes last, dated `No timestamp`."""

    results: list[DatePhotosGroup]


class FoundByDayPage(msgspec.Struct):
    """`count` is how many photos were found."""

    results: list[DatePhotosGroup]
    count: int


class Found(msgspec.Struct):
    """In one list, for accounts whose `semantic_search_topk` is not 0; newest first, the undated last."""

    results: list[PigPhoto]


class FoundPage(msgspec.Struct):
    results: list[PigPhoto]
    count: int


class SearchExamples(msgspec.Struct):
    results: list[str]
