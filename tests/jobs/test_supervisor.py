"""The process tree of `librephotos serve`, seen from outside: who may start, what restarts, and how all of it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import httpx
import psutil

from librephotos.jobs.child import Child, python_command
from tests.instance import Instance


def wait_for(condition: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


def tree_of(instance: Instance) -> list[psutil.Process]:
    assert instance.process is not None
    return psutil.Process(instance.process.pid).children(recursive=True)


def api_worker_of(instance: Instance) -> psutil.Process:
    """The process that answers: a child of the server's main process."""
    assert instance.process is not None
    [main] = psutil.Process(instance.process.pid).children()
    return next(one for one in main.children() if "resource_tracker" not in " ".join(one.cmdline()))


def answers(instance: Instance) -> bool:
    try:
        return httpx.get(f"{instance.base_url}/api/healthz", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def run_serve(instance: Instance, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "librephotos.cli", "serve", "--no-worker", *arguments]
    settings = {**instance.settings, **environment}
    return subprocess.run(command, env=settings, capture_output=True, text=True, timeout=60, check=False)


def test_a_second_start_on_the_folder_names_the_holder(new_instance):
    instance = new_instance(whole=True)
    done = run_serve(instance, "--port", "1")
    assert done.returncode == 2
    assert f"is in use by process {instance.process.pid} on {socket.gethostname()}" in done.stderr
    assert "Traceback" not in done.stderr
    assert answers(instance)


def test_a_taken_port_is_refused_before_anything_starts(new_instance):
    instance = new_instance(start=False)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run_serve(instance, "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "choose another port" in done.stderr


def test_a_bad_setting_is_one_sentence_and_status_2(new_instance):
    instance = new_instance(start=False)
    done = run_serve(instance, LIBREPHOTOS_CORS_ORIGINS="*", LIBREPHOTOS_PORT="8000")
    assert done.returncode == 2
    assert done.stderr.startswith("LIBREPHOTOS_CORS_ORIGINS cannot be used")
    assert len(done.stderr.strip().splitlines()) == 1


def test_sigterm_and_ctrl_c_end_all_with_status_0(new_instance):
    for number in (signal.SIGTERM, signal.SIGINT):
        instance = new_instance(whole=True)
        children = tree_of(instance)
        assert len(children) >= 2
        instance.process.send_signal(number)
        assert instance.process.wait(10) == 0
        assert wait_for(lambda children=children: not any(one.is_running() for one in children), 2)


def test_when_the_supervisor_is_killed_its_children_end_and_a_new_start_succeeds(new_instance):
    instance = new_instance(whole=True)
    children = tree_of(instance)
    os.kill(instance.process.pid, signal.SIGKILL)
    instance.process.wait()
    assert wait_for(lambda: not any(one.is_running() for one in children), 10)
    instance.start()
    assert answers(instance)


def test_when_the_servers_main_process_is_killed_all_is_restarted(new_instance):
    instance = new_instance(whole=True)
    worker = api_worker_of(instance)
    main = worker.parent()
    assert main is not None
    main.kill()
    assert wait_for(lambda: not worker.is_running(), 5)
    assert wait_for(lambda: answers(instance))


def test_a_killed_api_process_is_replaced(new_instance):
    instance = new_instance(whole=True)
    worker = api_worker_of(instance)
    worker.kill()
    assert wait_for(lambda: not worker.is_running() and answers(instance))
    assert api_worker_of(instance).pid != worker.pid


def start_waiting(instance: Instance) -> Child:
    """Start the API's process as `serve` does, and nothing else."""
    command = python_command("librephotos.http.serving", str(os.getpid()), "librephotos.app:create")
    api = Child("API", command, instance.settings, waits=True)
    api.start()
    return api


def is_bound(instance: Instance) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", instance.port)) == 0


def test_the_api_binds_nothing_before_it_is_called(new_instance):
    instance = new_instance(whole=True)
    instance.stop()
    api = start_waiting(instance)
    try:
        # Longer than it takes to answer after the call, with all that it needs imported.
        assert not wait_for(lambda: is_bound(instance), 4)
        api.call()
        assert wait_for(lambda: answers(instance))
    finally:
        api.process.terminate()
        assert api.process.wait(10) == 0


def test_an_api_that_is_never_called_ends_without_a_word(new_instance):
    instance = new_instance(whole=True)
    instance.stop()
    api = start_waiting(instance)
    api.caller.close()
    assert api.process.wait(30) == 0


def test_a_start_that_is_refused_leaves_no_process_behind(new_instance, tmp_path):
    instance = new_instance(start=False)
    marker = f"LIBREPHOTOS_DATA={instance.data}"
    done = run_serve(instance, "--library", str(tmp_path / "away"), "--port", "8000")
    assert done.returncode == 2
    assert "is not a folder" in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2, "the refusal, and that the database was made"
    assert not [one for one in psutil.process_iter() if marker in environment_of(one)]


def environment_of(process: psutil.Process) -> str:
    try:
        return "\n".join(f"{name}={value}" for name, value in process.environ().items())
    except (psutil.Error, OSError):
        return ""


def test_the_first_admin_is_made_once_with_the_library_and_a_scan(new_instance):
    instance = new_instance(
        whole=True, admin_username="Ann", admin_password="mypassword", admin_email="ann@example.org"
    )
    with instance.client() as client:
        login = {"username": "ann", "password": "mypassword"}
        access = client.post("/api/auth/token/obtain/", json=login).json()["access"]
        bearer = {"Authorization": f"Bearer {access}"}
        assert client.get("/api/firsttimesetup/").json() == {"isFirstTimeSetup": False}
        jobs = client.get("/api/jobs/", headers=bearer).json()["results"]
        assert [one["job_type"] for one in jobs] == [1]
    assert "Made the first admin, ann." in instance.log()
    assert "mypassword" not in instance.log()


def test_the_printed_call_makes_the_first_account(new_instance):
    instance = new_instance(whole=True)
    assert wait_for(lambda: "Stop with Ctrl-C" in instance.log())
    command = next(
        line.split("or as a call", 1)[1] for line in instance.log().splitlines() if "or as a call" in line
    )
    done = subprocess.run(
        ["sh", "-c", f"{command.strip()} -s"], capture_output=True, text=True, timeout=30, check=True
    )
    assert '"username":"admin"' in done.stdout


def test_on_a_public_address_a_set_up_token_is_printed(new_instance):
    instance = new_instance(whole=True, host="0.0.0.0")
    assert wait_for(lambda: "Set-up token: " in instance.log())
    assert '"setup_token": "' in instance.log()


def test_the_data_folder_and_the_key_are_the_owners_alone(new_instance):
    instance = new_instance(start=False)
    fresh = instance.data / "fresh"
    done = run_serve(instance, "--data", str(fresh), "--port", "1", LIBREPHOTOS_HOST="203.0.113.1")
    assert done.returncode == 2
    assert fresh.stat().st_mode & 0o777 == 0o700


def test_probes_tell_database_and_worker_apart(instance):
    with instance.client() as client:
        assert client.get("/api/healthz", headers={"Authorization": "Bearer nonsense"}).json() == {
            "status": "ok"
        }
        assert client.get("/api/healthz/postgresql/").json() == {"status": "ok"}
        queue = client.get("/api/healthz/queue")
        assert (queue.status_code, queue.json()) == (
            503,
            {"status": "error", "error": "queue broker unreachable"},
        )
        ready = client.get("/api/healthz/ready")
        assert ready.status_code == 503
        assert ready.json() == {
            "status": "error",
            "checks": {"postgresql": {"status": "ok"}, "queue": queue.json()},
        }
