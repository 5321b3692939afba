"""`librephotos serve` with its worker, killed as a whole in the middle of a scan: the next start loses nothing."""

import signal
import subprocess
import sys
import time

import psutil

from tests.instance import Instance, free_port
from tests.library.scanning import TWO_AT_ONCE, Library, draw

COUNT = 300


def serve(instance: Instance) -> None:
    """Start the real command, worker included."""
    instance.port = free_port()
    command = [sys.executable, "-m", "librephotos.cli", "serve", "--port", str(instance.port)]
    with (instance.data / "test-server.log").open("ab") as log:
        instance.process = subprocess.Popen(
            command, env=instance.settings, stdout=log, stderr=log, start_new_session=True
        )
    instance.wait_until_served()


def kill_tree(instance: Instance) -> list[psutil.Process]:
    """Kill -9 the server and everything below it; return what there was."""
    assert instance.process is not None
    tree = psutil.Process(instance.process.pid).children(recursive=True)
    instance.process.send_signal(signal.SIGKILL)
    for process in tree:
        process.kill()
    instance.process.wait(10)
    psutil.wait_procs(tree, timeout=10)
    return tree


def test_a_scan_goes_on_after_all_processes_were_killed(idle_library: Library) -> None:
    for number in range(COUNT):
        draw(idle_library.folder / f"{number % 9}" / f"{number}.jpg", number, size=(40, 30))
    instance = idle_library.instance
    instance.environment |= TWO_AT_ONCE
    instance.stop()
    serve(instance)
    idle_library.trigger()
    deadline = time.monotonic() + 60
    while idle_library.job()["progress_current"] < 30:
        assert time.monotonic() < deadline, idle_library.job()
        time.sleep(0.02)
    # The server, its two children, the pool's processes: all were at work.
    assert len(kill_tree(instance)) >= 4
    stored = len(idle_library.photos())
    assert 0 < stored < COUNT
    serve(instance)
    job = idle_library.wait(seconds=90)
    assert (job["failed"], job["progress_current"], job["progress_target"]) == (False, COUNT, COUNT)
    photos = idle_library.photos()
    assert len(photos) == COUNT
    assert len({photo["paths"][0] for photo in photos}) == COUNT
    assert all(len(photo["paths"]) == 1 for photo in photos)
    counted = idle_library.rows(
        f"SELECT sum(photo_count) FROM day WHERE owner_id = {idle_library.owner.user_id}"
    )
    assert int(counted[0][0]) == COUNT
    derived = instance.data / "derived"
    assert len(list((derived / "thumbnails_big").rglob("*.webp"))) == COUNT
