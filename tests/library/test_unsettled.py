"""Files that are still being written to are waited for, and left to the next scan when that takes too long."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import NewInstance
from tests.library.scanning import Library, Worker, draw


@contextmanager
def growing(path: Path, content: bytes) -> Iterator[None]:
    """Write the same bytes behind the others again and again until the end."""
    stop = threading.Event()

    def write() -> None:
        with path.open("ab") as target:
            while not stop.wait(0.1):
                target.write(content)
                target.flush()

    path.write_bytes(content)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


def test_a_fresh_file_is_read_a_moment_later_and_a_growing_one_by_the_next_scan(
    new_instance: NewInstance,
) -> None:
    library = Library.make(new_instance(settle_seconds=1))
    draw(library.folder / "known.jpg", 1)
    draw(library.folder.parent / "source.jpg", 2)
    content = (library.folder.parent / "source.jpg").read_bytes()
    worker = Worker(library.instance)
    worker.start()
    try:
        library.scan()
        # One of them was a photo before somebody began to write to it.
        new, known = library.folder / "growing.jpg", library.folder / "known.jpg"
        with growing(new, content), growing(known, content):
            draw(library.folder / "fresh.jpg", 3)
            result = library.scan()["result"]
        assert (result["read"], result["failed"], result["still_written"]) == (1, 0, 2)
        states = {name: state for name, (state, _) in library.files().items()}
        assert states == {"known.jpg": "photo", "fresh.jpg": "photo", "growing.jpg": "found"}
        (library.folder / "growing.jpg").write_bytes(content)
        draw(library.folder / "known.jpg", 1)
        result = library.scan()["result"]
        assert (result["failed"], "still_written" in result) == (0, False)
        assert len(library.photos()) == 3
    finally:
        worker.stop()
