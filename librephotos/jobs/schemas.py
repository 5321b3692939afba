"""Jobs on the wire: the published shape of one, and the answers around it."""

from typing import Any, Final

import msgspec

JOB_TYPE_NAMES: Final = {
    1: "Scan Photos",
    2: "Generate Event Albums",
    3: "Regenerate Event Titles",
    4: "Train Faces",
    5: "Delete Missing Photos",
    6: "Calculate Clip Embeddings",
    7: "Scan Faces",
    8: "Find Similar Faces",
    9: "Download Selected Photos",
    10: "Download Models",
    11: "Add Geolocation",
    12: "Generate Tags",
    13: "Generate Face Embeddings",
    14: "Scan Missing Photos",
    15: "Detect Duplicate Photos",
    16: "Repair File Variants",
    17: "Classify Media Categories",
    18: "Extract Text (OCR)",
    # Ours, far from numbers that the published list may yet take.
    101: "Write Metadata",
}
STEP_CHARACTERS: Final = 100


class Starter(msgspec.Struct):
    id: int
    username: str
    first_name: str
    last_name: str


class Job(msgspec.Struct):
    """Times always carry six digits of microseconds; `result` is never null and always holds `progress`."""

    job_id: str
    queued_at: str
    finished: bool
    finished_at: str | None
    started_at: str | None
    failed: bool
    cancelled: bool
    job_type_str: str
    job_type: int
    started_by: Starter
    progress_current: int
    progress_target: int
    progress_step: str | None
    result: dict[str, Any]
    id: int


class Availability(msgspec.Struct):
    status: bool
    queue_can_accept_job: bool
    job_detail: Job | None


class Cancelled(msgspec.Struct):
    status: bool
    job: Job


class Changed(msgspec.Struct):
    """The answer of pausing and resuming."""

    status: bool
    job: Job


class Started(msgspec.Struct):
    """The answer of every trigger."""

    status: bool
    job_id: str
