"""The volume guard: what is away is told from what was deleted. Disks are real mounts where the machine allows them."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from librephotos.library.guard import emptied_folders, is_accepted, reason_offline
from librephotos.library.queries.gone import Losses
from librephotos.library.queries.roots import Root
from librephotos.library.roots import bounds_of
from librephotos.library.walk import Walk
from tests.conftest import NewInstance
from tests.library.scanning import IS_SHUT_OUT, UNPRIVILEGED, WORK, Library, Worker, draw
from tests.needs import lack

COUNT = 14


def root(library: Library) -> dict[str, Any]:
    with library.instance.client(library.owner.bearer) as client:
        (one,) = client.get("/api/library/roots/").json()["results"]
    return dict(one)


def accept(library: Library) -> dict[str, Any]:
    return library.scan("/api/library/roots/accept/")


def fill(library: Library, folder: str = "", count: int = COUNT, first: int = 0) -> None:
    for number in range(first, first + count):
        draw(library.folder / folder / f"{number}.jpg", number, size=(48, 32))


def count_missing(library: Library) -> int:
    return sum(bool(photo["missing"]) for photo in library.photos())


# --- absent, empty, halved


def test_an_absent_root_is_offline_since_then_and_online_again(library: Library) -> None:
    fill(library, count=3)
    library.scan()
    assert (root(library)["is_online"], root(library)["offline_since"]) == (True, None)
    before, files = library.photos(), library.files()
    away = library.folder.with_name(f"{library.folder.name}-away")
    library.folder.rename(away)
    with library.instance.client(library.owner.bearer) as client:
        assert client.post("/api/scanphotos/").status_code == 400
    library.folder.mkdir()
    assert "empty" in library.scan()["result"]["offline"]
    told = root(library)
    assert (told["is_online"], told["path"]) == (False, str(library.folder))
    since = told["offline_since"]
    assert since and "empty" in told["reason"]
    library.scan()
    assert root(library)["offline_since"] == since
    assert (library.photos(), library.files()) == (before, files)
    library.folder.rmdir()
    away.rename(library.folder)
    assert library.scan()["result"]["new_or_changed"] == 0
    assert (root(library)["is_online"], root(library)["reason"]) == (True, "")
    assert library.photos() == before


def test_a_mount_point_with_something_in_it_is_not_believed_either(library: Library) -> None:
    fill(library, count=4)
    library.scan()
    before = library.photos()
    away = library.folder.with_name(f"{library.folder.name}-away")
    library.folder.rename(away)
    (library.folder / "lost+found").mkdir(parents=True)
    (library.folder / ".marker").write_text("not mounted")
    assert "all 4 known files" in library.scan()["result"]["offline"]
    assert library.photos() == before
    assert library.scan("/api/deletemissingphotos/")["result"]["removed"] == 0


def test_a_part_that_is_an_empty_mount_point_is_told_and_kept_until_confirmed(library: Library) -> None:
    fill(library)
    fill(library, "disk/2023", 11, 20)
    library.scan()
    shutil.rmtree(library.folder / "disk" / "2023")
    (library.folder / "0.jpg").unlink()
    result = library.scan()["result"]
    assert result["offline"].startswith(
        f"The folder '{library.folder}/disk' is empty though it held 11 files"
    )
    # What was deleted elsewhere is believed at once.
    assert (count_missing(library), root(library)["is_online"]) == (1, True)
    assert "disk" in root(library)["reason"]
    assert accept(library)["result"]["missing"] == 11
    assert (count_missing(library), root(library)["reason"]) == (12, "")


def test_a_deleted_folder_is_believed(library: Library) -> None:
    fill(library)
    fill(library, "trip", 11, 20)
    library.scan()
    shutil.rmtree(library.folder / "trip")
    assert library.scan()["result"]["missing"] == 11


# --- the threshold


def test_losses_over_the_threshold_need_a_confirmation_of_just_these(library: Library) -> None:
    fill(library, "many")
    fill(library, "few", 3, 50)
    library.scan()
    with library.instance.client(library.owner.bearer) as client:
        nothing = client.post("/api/library/roots/accept/")
    assert (nothing.status_code, nothing.json()["message"]) == (400, "The last scan missed nothing.")
    for number in range(COUNT - 1):
        (library.folder / "many" / f"{number}.jpg").unlink()
    assert "13 of 17" in library.scan()["result"]["offline"]
    # One more is missing by the time that the confirmed scan runs: it is asked again.
    (library.folder / "few" / "50.jpg").unlink()
    assert "14 of 17" in accept(library)["result"]["offline"]
    assert count_missing(library) == 0
    assert accept(library)["result"]["missing"] == 14
    assert (count_missing(library), root(library)["is_online"]) == (14, True)
    # The removal obeys the threshold too.
    refused = library.scan("/api/deletemissingphotos/")["result"]
    assert (refused["removed"], "14 of 17" in refused["offline"]) == (0, True)
    with library.instance.client(library.owner.bearer) as client:
        wrong = client.post("/api/deletemissingphotos/", json={"accept_losses": "perhaps"})
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "accept_losses")
        started = client.post("/api/deletemissingphotos/", json={"accept_losses": True}).json()["job_id"]
    assert library.wait(started)["result"]["removed"] == 14


def test_what_is_accepted_is_what_was_told() -> None:
    assert is_accepted(True, "anything")
    assert is_accepted("13 of 17", "13 of 17")
    assert not is_accepted("13 of 17", "14 of 17")
    assert not is_accepted(None, "14 of 17")


def test_another_disk_is_believed_less() -> None:
    known = Root(1, 5, "aa", None)
    assert reason_offline(known, "aa", Losses(100, 40)) is None
    assert "another file system" in (reason_offline(known, "bb", Losses(100, 11)) or "")
    assert "all 2 known files" in (reason_offline(known, "bb", Losses(2, 2)) or "")
    assert reason_offline(None, "bb", Losses(100, 40)) is None
    assert reason_offline(known, "bb", Losses(0, 0)) is None


def test_only_folders_that_held_many_count_as_emptied(tmp_path: Path) -> None:
    top = os.fsencode(tmp_path)
    for name in ("many", "few", "full"):
        (tmp_path / name).mkdir()
    (tmp_path / "full" / "rest.txt").write_text("")
    vanished = [(number, b"%s/many/%d/x.jpg" % (top, number)) for number in range(11)]
    vanished += [(20 + number, b"%s/few/%d.jpg" % (top, number)) for number in range(10)]
    vanished += [(40 + number, b"%s/full/%d.jpg" % (top, number)) for number in range(30)]
    vanished += [(80 + number, b"%s/%d.jpg" % (top, number)) for number in range(30)]
    assert {folder: len(ids) for folder, ids in emptied_folders(vanished, top).items()} == {
        top + b"/many": 11
    }


# --- rights


@pytest.fixture
def unprivileged(new_instance: NewInstance) -> Iterator[Library]:
    if IS_SHUT_OUT:
        pytest.skip("the database could not be reached without the rights of root")
    library = Library.make(new_instance())
    worker = Worker(library.instance, program=UNPRIVILEGED)
    worker.start()
    yield library
    for folder in (library.folder, *library.folder.iterdir()):
        folder.chmod(0o700)
    worker.stop()


def test_a_right_that_was_lost_loses_no_photo(unprivileged: Library) -> None:
    library = unprivileged
    fill(library, count=2)
    fill(library, "closed", 3, 10)
    fill(library, "listed", 3, 20)
    library.scan()
    before, files = library.photos(), library.files()
    assert len(before) == 8
    # One that cannot be listed, and one that can, but whose files cannot be looked at.
    (library.folder / "closed").chmod(0)
    (library.folder / "listed").chmod(0o444)
    result = library.scan()["result"]
    assert (result["missing"], result["failed"], result["not_followed_count"]) == (0, 0, 4)
    assert (library.photos(), library.files()) == (before, files)
    library.folder.chmod(0)
    assert "cannot be read: permission denied" in library.scan()["result"]["offline"]
    assert root(library)["is_online"] is False
    library.folder.chmod(0o700)
    for name in ("closed", "listed"):
        (library.folder / name).chmod(0o700)
    assert library.scan()["result"]["new_or_changed"] == 0
    assert (library.photos(), library.files()) == (before, files)


# --- links


def walked(top: Path, roots: list[Path]) -> tuple[Walk, list[str]]:
    walk = Walk(os.fsencode(top), bounds_of(os.fsencode(top), [], roots, top.parent / "data"))
    return walk, [os.fsdecode(found.path).removeprefix(f"{top}/") for found in walk.files()]


def test_loops_of_links_end(tmp_path: Path) -> None:
    top, other = tmp_path / "top", tmp_path / "other"
    for folder in (top / "a", other):
        folder.mkdir(parents=True)
    (top / "a" / "1.jpg").write_text("x")
    (other / "2.jpg").write_text("x")
    (top / "self").symlink_to("self")
    (top / "a" / "up").symlink_to(top)
    (top / "out").symlink_to(other)
    (other / "again").symlink_to(other)
    (other / "back").symlink_to(top)
    (top / "ping").symlink_to("pong")
    (top / "pong").symlink_to("ping")
    walk, found = walked(top, [tmp_path])
    assert found == ["a/1.jpg", "out/2.jpg"]
    assert sorted(os.path.basename(remark.path) for remark in walk.remarks) == ["ping", "pong", "self"]


def test_what_lies_behind_a_link_that_leads_nowhere_now_is_not_gone(tmp_path: Path) -> None:
    top, other = tmp_path / "top", tmp_path / "other"
    top.mkdir()
    (top / "disk").symlink_to(other)
    (top / "diskette.jpg").write_text("x")
    walk, _ = walked(top, [tmp_path])
    assert not walk.is_covered(os.fsencode(top / "disk" / "a" / "1.jpg"))
    assert not walk.is_covered(os.fsencode(top / "disk"))
    assert walk.is_covered(os.fsencode(top / "diskette.jpg"))
    # Nor is what lies behind one that leads out of the roots, which may have been more.
    other.mkdir()
    walk, _ = walked(top, [top])
    assert not walk.is_covered(os.fsencode(top / "disk" / "a" / "1.jpg"))


# --- mounts


def can_mount() -> bool:
    probe = ["unshare", "-m", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        return False
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


class Machine:
    """A library whose worker has mounts of its own: they are seen by nobody else and end with it."""

    def __init__(self, library: Library) -> None:
        self.library = library
        with (library.instance.data / "test-worker.log").open("ab") as log:
            self.process = subprocess.Popen(
                ["unshare", "-m", "--propagation", "private", sys.executable, "-c", WORK],
                env=library.instance.settings,
                stdout=log,
                stderr=log,
            )

    def do(self, script: str) -> None:
        """Run shell words among the worker's mounts; `$TOP` is the library."""
        subprocess.run(
            ["nsenter", "-t", str(self.process.pid), "-m", "sh", "-ec", script],
            env={**os.environ, "TOP": str(self.library.folder)},
            check=True,
            timeout=30,
        )

    def scan(self, script: str = "true") -> dict[str, Any]:
        """Return the result of a scan after `script`."""
        self.do(script)
        return dict(self.library.scan()["result"])


@pytest.fixture
def machine(idle_library: Library) -> Iterator[Machine]:
    if not can_mount():
        lack("nothing can be mounted here")
    one = Machine(idle_library)
    yield one
    one.process.terminate()
    one.process.wait(20)


def test_disks_that_are_mounted_exchanged_and_unmounted(machine: Machine, tmp_path: Path) -> None:
    library = machine.library
    disk = tmp_path / "disk"
    for number in range(COUNT):
        draw(disk / f"{number}.jpg", number, size=(48, 32))
    mount = f'mount --bind "{disk}" "$TOP"'
    assert machine.scan(mount)["read"] == COUNT
    before = library.photos()
    # Not mounted: the mount point is empty.
    assert "empty though it held photos" in machine.scan('umount "$TOP"')["offline"]
    # Another disk at its place, with one of the files.
    told = machine.scan(f'mount -t tmpfs tmpfs "$TOP"; cp -p "{disk}/0.jpg" "$TOP/"')["offline"]
    assert f"on another file system than before, and missing {COUNT - 1} of {COUNT}" in told
    assert root(library)["is_online"] is False
    assert library.photos() == before
    # The same content on a new disk: all is there, and that disk is the library's now.
    result = machine.scan(f'cp -p "{disk}"/* "$TOP/"')
    assert ("offline" in result, result["read"]) == (False, 0)
    assert library.photos() == before
    assert root(library)["is_online"] is True
    # A file that is deleted from a disk that was mounted anew, under another number, is gone.
    assert machine.scan(f'umount "$TOP"; {mount}; rm "$TOP/3.jpg"')["missing"] == 1
    assert count_missing(library) == 1


def test_a_disk_inside_the_library_that_is_not_mounted(machine: Machine) -> None:
    library = machine.library
    fill(library, count=3)
    (library.folder / "disk").mkdir()
    (library.folder / "disk" / "note.txt").write_text("mount me")
    files = library.instance.data / "files"
    for number in range(4):
        draw(files / f"{number}.jpg", 20 + number, size=(48, 32))
    mount = f'mount -t tmpfs tmpfs "$TOP/disk"; cp -p "{files}"/* "$TOP/disk/"'
    machine.scan(mount)
    before = library.photos()
    assert len(before) == 7
    assert "4 files lie on a disk that is not mounted" in machine.scan('umount "$TOP/disk"')["offline"]
    assert library.photos() == before
    machine.scan(mount)
    assert (library.photos(), root(library)["reason"]) == (before, "")
    # It will never come back.
    machine.scan('umount "$TOP/disk"')
    assert accept(library)["result"]["missing"] == 4
    assert count_missing(library) == 4


def test_the_disk_goes_away_while_it_is_read(idle_library: Library) -> None:
    """The folder of the files is renamed away as soon as the scan has read some of them."""
    library = idle_library
    fill(library, count=60)
    library.instance.environment["LIBREPHOTOS_SCAN_PROCESSES"] = "1"
    away = library.folder.with_name("away")
    worker = Worker(library.instance)
    worker.start()
    try:
        library.trigger()
        deadline = time.monotonic() + 40
        while not library.photos():
            assert time.monotonic() < deadline, library.log()
        library.folder.rename(away)
        job = library.wait()
    finally:
        worker.stop()
    assert job["failed"] is False
    assert "does not exist" in job["result"]["offline"]
    assert root(library)["is_online"] is False
    assert {state for state, _ in library.files().values()} <= {"photo", "found"}
    away.rename(library.folder)
    worker.start()
    try:
        assert library.scan()["result"]["failed"] == 0
    finally:
        worker.stop()
    assert len(library.photos()) == 60
