"""What a library tells of its files: what happened to each, what went wrong, and whether its folder is there."""

import msgspec


class FileAccount(msgspec.Struct):
    """One file and what became of it. `state`: `photo`, `skipped`, `failed`, or `found` while it is yet to be read."""

    id: int
    path: str
    kind: str
    state: str
    reason: str
    is_missing: bool
    is_waiting: bool
    photo_id: str | None
    checked_at: str


class StepAccount(msgspec.Struct):
    """What happened to a photo in one step; `state` is `done`, `failed` or `not_applicable`."""

    step: str
    state: str
    reason: str
    finished_at: str


class PhotoProcessing(msgspec.Struct):
    """Everything that was done to a photo, and to each of its files."""

    photo_id: str
    steps: list[StepAccount]
    files: list[FileAccount]


class Problem(msgspec.Struct):
    """`kind`: a file that `failed`, a `step` of a photo that did, a `missing` file, a `skipped` one. `id` is opaque."""

    id: str
    kind: str
    step: str
    reason: str
    path: str
    photo_id: str | None
    at: str


class ProblemGroup(msgspec.Struct):
    kind: str
    step: str
    reason: str
    count: int


class ProblemCounts(msgspec.Struct):
    """How many problems there are, by kind, step and reason, the most frequent first."""

    count: int
    groups: list[ProblemGroup]


class LibraryRoot(msgspec.Struct):
    """A scan directory. `is_online` is null before the first scan; `reason` says what is away, or a part of it.

    `watching`: `watched`, `partly` (some folders cannot be read), `limited` (the system refuses to watch so much),
    `away`, `network` or `off`; in all but the first, new files are found by the periodic scan alone.
    `watching_reason` says what to do.
    """

    path: str
    username: str
    is_online: bool | None
    seen_at: str | None
    offline_since: str | None
    reason: str
    watching: str
    watching_reason: str


class LibraryRoots(msgspec.Struct):
    results: list[LibraryRoot]
