"""A scan over very many damaged files ends, accounts for each, and keeps its memory."""

import os

import psutil
import pytest

from librephotos.media.pool import Pool
from tests.library.damaged import bombs, damaged_files
from tests.library.in_process import InProcessLibrary
from tests.library.originals import unaltered
from tests.library.small_pictures import jpeg

MEMORY_BYTES = 600 * 1024**2


def memory_bytes(others: set[psutil.Process]) -> int:
    """What the processes that were started after `others`, and theirs, really take: shared pages count in parts (PSS).

    The suite has servers, pools and browsers of its own beside this pool; they are none of its memory.
    """
    started = set(psutil.Process().children()) - others
    tree = [*started, *(each for process in started for each in process.children(recursive=True))]
    return sum(process.memory_full_info().pss for process in tree if process.status() != psutil.STATUS_ZOMBIE)


def scan_damaged(library: InProcessLibrary, count: int, seed: int) -> None:
    """Scan good files among damaged ones; assert that the good are photos and the others say why they are none."""
    good = count // 10
    for number in range(good):
        (library.folder / f"{number * 10:04}-good.jpg").write_bytes(jpeg(number, size=(48, 32)))
    for name, content in [*damaged_files(count, seed), *bombs().items()]:
        (library.folder / name).write_bytes(content)
    others = set(psutil.Process().children())
    with unaltered(library.folder), Pool(2, niceness=0) as pool:
        report = library.scan(pool=pool)
        assert 0 < memory_bytes(others) < MEMORY_BYTES
    assert report is not None
    assert report.result["files"] == count + good + len(bombs())
    files = {
        os.path.basename(path): (state, reason)
        for path, state, reason, _ in library.rows(
            f"SELECT path, state, reason, pending FROM file WHERE owner_id = {library.user_id} AND pending = 0"
        )
    }
    assert len(files) == report.result["files"]
    assert {state for name, (state, _) in files.items() if name.endswith("-good.jpg")} == {"photo"}
    for name, (state, reason) in files.items():
        assert state == "photo" or (state in ("failed", "skipped") and reason.endswith(".")), (
            name,
            state,
            reason,
        )
    failed = [name for name, (state, _) in files.items() if state == "failed"]
    assert report.error_count == len(failed)
    assert files["wide.png"][0] == "failed"


def test_hundreds_of_damaged_files_cost_one_photo_each(quick_library: InProcessLibrary) -> None:
    scan_damaged(quick_library, count=200, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 5))
def test_thousands_of_damaged_files_cost_one_photo_each(quick_library: InProcessLibrary, seed: int) -> None:
    scan_damaged(quick_library, count=5000, seed=seed)
