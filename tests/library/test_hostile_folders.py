"""Folders that cannot be walked as they stand: without bottom, in circles, full of things that are no files."""

import os
import socket
from pathlib import Path

from tests.library.in_process import InProcessLibrary
from tests.library.originals import unaltered
from tests.library.small_pictures import jpeg


def names(library: InProcessLibrary) -> set[str]:
    rows = library.rows(f"SELECT path FROM file WHERE owner_id = {library.user_id} AND state = 'photo'")
    return {os.path.basename(path) for (path,) in rows}


def test_folders_deeper_than_a_path_may_be_cost_only_themselves(quick_library: InProcessLibrary) -> None:
    (quick_library.folder / "good.jpg").write_bytes(jpeg(1))
    start = os.open("/", os.O_RDONLY)
    try:
        # Twenty names of 250 bytes are more than the 4096 bytes that a path may have (limits.h, PATH_MAX).
        os.chdir(quick_library.folder)
        for depth in range(20):
            name = f"{depth:02}" + "d" * 248
            os.mkdir(name)
            os.chdir(name)
            Path(f"{depth}.jpg").write_bytes(jpeg(10 + depth))
    finally:
        os.fchdir(start)
        os.close(start)
    report = quick_library.scan()
    assert report is not None
    assert "good.jpg" in names(quick_library)
    assert {"0.jpg", "10.jpg"} <= names(quick_library)
    assert any("cannot be read" in remark["reason"] for remark in report.result["not_followed"])
    assert quick_library.scan().result["new_or_changed"] == 0


def test_links_that_lead_in_circles_end(quick_library: InProcessLibrary) -> None:
    folder = quick_library.folder
    (folder / "good.jpg").write_bytes(jpeg(1))
    (folder / "itself").symlink_to(folder / "itself")
    (folder / "one").symlink_to(folder / "two")
    (folder / "two").symlink_to(folder / "one")
    (folder / "below").mkdir()
    (folder / "below" / "up").symlink_to("..")
    (folder / "below" / "good too.jpg").symlink_to("../good.jpg")
    with unaltered(folder):
        report = quick_library.scan()
    assert report is not None
    assert names(quick_library) == {"good.jpg", "good too.jpg"}
    # The same content under two paths.
    assert len(quick_library.rows(f"SELECT id FROM photo WHERE owner_id = {quick_library.user_id}")) == 1
    assert report.result["not_followed_count"] == 3


def test_what_is_no_file_is_passed_over_and_never_waited_for(quick_library: InProcessLibrary) -> None:
    folder = quick_library.folder
    (folder / "good.jpg").write_bytes(jpeg(1))
    os.mkfifo(folder / "pipe.jpg")
    (folder / "folder.jpg").mkdir()
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder)  # The address of a socket is short.
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket.jpg")
    finally:
        os.fchdir(here)
        os.close(here)
    assert quick_library.scan() is not None
    assert names(quick_library) == {"good.jpg"}


def test_names_that_mean_something_elsewhere_mean_nothing_here(quick_library: InProcessLibrary) -> None:
    top = os.fsencode(quick_library.folder)
    hostile = (
        *(
            b"tab\there.jpg",
            b"return\r.jpg",
            b"bell\x07.jpg",
            b"escape\x1b[31m.jpg",
            b" leading.jpg",
            b"trailing .jpg",
        ),
        *(
            "right\u202eto left.jpg".encode(),
            "zero\u200bwidth.jpg".encode(),
            b"e\xcc\x81 nfd.jpg",
            b"\xc3\xa9 nfc.jpg",
        ),
        *(
            b"-execute.jpg",
            b"@arguments.jpg",
            b"pipe|",
            b"a;b&&c.jpg",
            b"*.jpg",
            b"?.jpg",
            b"~.jpg",
            b"\\.jpg",
        ),
    )
    for number, name in enumerate(hostile):
        with open(os.path.join(top, name), "wb") as file:
            file.write(jpeg(number))
    with unaltered(quick_library.folder):
        report = quick_library.scan()
    assert report is not None and report.error_count == 0
    rows = quick_library.rows(f"SELECT path_bytes, state FROM file WHERE owner_id = {quick_library.user_id}")
    assert {bytes(path) for path, _ in rows} == {os.path.join(top, name) for name in hostile}
    assert {state for _, state in rows} == {"photo"}
