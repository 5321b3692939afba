"""The history of jobs and the question whether the worker is free. No worker runs here: jobs are put into the table."""

import re

import httpx
import pytest
from sqlalchemy import text

from librephotos.db.statements import statement
from librephotos.jobs import queries
from tests.instance import Account, Instance

KEYS = [
    *("job_id", "queued_at", "finished", "finished_at", "started_at", "failed", "cancelled", "job_type_str"),
    *("job_type", "started_by", "progress_current", "progress_target", "progress_step", "result", "id"),
]


def enqueue(instance: Instance, user: Account, kind: str = "nothing", job_type: int = 1) -> str:
    return instance.db.commit(queries.enqueue_job, user.user_id, job_type, kind, {})


@pytest.fixture
def quiet(instance: Instance) -> Instance:
    """The shared instance without jobs."""
    with instance.db.transaction() as tx:
        tx.execute(statement(text("DELETE FROM job")))
    return instance


def test_an_idle_worker_accepts_jobs(quiet: Instance, client: httpx.Client) -> None:
    idle = {"status": True, "queue_can_accept_job": True, "job_detail": None}
    for path in ("/api/rqavailable/", "/api/rqavailable"):
        assert client.get(path).json() == idle


def test_a_busy_worker_shows_its_job_to_starter_and_staff_only(
    quiet: Instance, client: httpx.Client, user: Account, stranger: Account, admin: Account
) -> None:
    job_id = enqueue(quiet, user)
    answer = client.get("/api/rqavailable/").json()
    assert (answer["queue_can_accept_job"], answer["job_detail"]["job_id"]) == (False, job_id)
    with quiet.client(stranger.bearer) as other:
        assert other.get("/api/rqavailable/").json() == {
            "status": True,
            "queue_can_accept_job": False,
            "job_detail": None,
        }
    with quiet.client(admin.bearer) as staff:
        assert staff.get("/api/rqavailable/").json()["job_detail"]["job_id"] == job_id


def test_a_job_has_the_published_shape(quiet: Instance, client: httpx.Client, user: Account) -> None:
    job_id = enqueue(quiet, user)
    (job,) = client.get("/api/jobs/").json()["results"]
    assert list(job) == KEYS
    assert job["result"] == {"progress": {"current": 0, "target": 0}}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", job["queued_at"])
    assert (job["job_type_str"], job["job_id"]) == ("Scan Photos", job_id)
    assert job["started_by"] == {
        "id": user.user_id,
        "username": user.username,
        "first_name": "",
        "last_name": "",
    }
    assert client.get(f"/api/jobs/{job['id']}").json() == job


def test_a_second_trigger_takes_the_one_that_waits_and_a_running_one_is_followed(
    quiet: Instance, user: Account
) -> None:
    first = enqueue(quiet, user)
    assert enqueue(quiet, user) == first
    assert quiet.db.commit(queries.begin_job, first, "someone") is not None
    second = enqueue(quiet, user)
    assert second != first
    # The like of a running one waits until it has ended.
    with quiet.db.snapshot() as tx:
        assert queries.list_waiting(tx) == []
    quiet.db.commit(queries.finish_job, first, "done", None)
    with quiet.db.snapshot() as tx:
        assert [job.job_id for job in queries.list_waiting(tx)] == [second]


def test_own_jobs_are_listed_waiting_ones_first_and_staff_see_all(
    quiet: Instance, client: httpx.Client, user: Account, admin: Account
) -> None:
    started = enqueue(quiet, user, "one")
    quiet.db.commit(queries.begin_job, started, "someone")
    waiting = enqueue(quiet, user, "two")
    theirs = enqueue(quiet, admin, "three")
    assert [job["job_id"] for job in client.get("/api/jobs/").json()["results"]] == [waiting, started]
    with quiet.client(admin.bearer) as staff:
        assert staff.get("/api/jobs/").json()["count"] == 3
        assert [job["job_id"] for job in staff.get("/api/jobs/?mine=true").json()["results"]] == [theirs]


def test_pages_that_do_not_exist_are_not_found(quiet: Instance, client: httpx.Client) -> None:
    for page in ("0", "2", "x"):
        answer = client.get(f"/api/jobs/?page={page}")
        assert (answer.status_code, answer.json()["errors"][0]["message"]) == (404, "Invalid page.")


def test_others_jobs_and_unknown_ones_look_the_same(
    quiet: Instance, client: httpx.Client, stranger: Account
) -> None:
    enqueue(quiet, stranger)
    with quiet.client(stranger.bearer) as other:
        row_id = other.get("/api/jobs/").json()["results"][0]["id"]
    for method, path in (
        ("GET", "/api/jobs/{}/"),
        ("DELETE", "/api/jobs/{}/"),
        ("POST", "/api/jobs/{}/cancel/"),
    ):
        seen = [client.request(method, path.format(number)) for number in (row_id, 999999999)]
        assert [answer.status_code for answer in seen] == [404, 404]
        assert seen[0].content == seen[1].content
        assert "No LongRunningJob matches the given query." in seen[0].text
        assert client.request(method, path.format("x")).json()["errors"][0]["message"] == "Not found."


def test_a_cancelled_job_never_begins_and_a_deleted_row_is_gone(
    quiet: Instance, client: httpx.Client, user: Account
) -> None:
    job_id = enqueue(quiet, user)
    row_id = client.get("/api/jobs/").json()["results"][0]["id"]
    assert client.post(f"/api/jobs/{row_id}/cancel/").json()["job"]["cancelled"] is True
    assert quiet.db.commit(queries.begin_job, job_id, "someone") is None
    assert client.get("/api/rqavailable/").json()["queue_can_accept_job"] is True
    assert client.delete(f"/api/jobs/{row_id}/").status_code == 204
    assert client.get(f"/api/jobs/{row_id}/").status_code == 404


def test_anonymous_callers_are_refused(instance: Instance, anonymous: httpx.Client) -> None:
    for method, path in (
        *(
            ("GET", "/api/rqavailable/"),
            ("GET", "/api/jobs/"),
            ("GET", "/api/jobs/1/"),
            ("POST", "/api/scanphotos/"),
        ),
        *(
            ("POST", "/api/fullscanphotos/"),
            ("POST", "/api/deletemissingphotos/"),
            ("DELETE", "/api/jobs/1/"),
        ),
    ):
        assert anonymous.request(method, path).status_code == 401


def test_a_user_without_scan_directory_is_told_so(client: httpx.Client) -> None:
    for path in ("/api/scanphotos/", "/api/fullscanphotos/", "/api/scanuploadedphotos/"):
        answer = client.post(path)
        assert answer.status_code == 400
        assert answer.json()["message"].startswith("Scan failed: No scan directory configured.")


def test_a_job_without_a_sign_of_life_for_a_day_is_failed_and_blocks_nobody(
    quiet: Instance, client: httpx.Client, user: Account
) -> None:
    job_id = enqueue(quiet, user)
    quiet.db.commit(queries.begin_job, job_id, "someone")
    with quiet.db.transaction() as tx:
        tx.execute(statement(text("UPDATE job SET progressed_at = progressed_at - 90000000000")))
    assert client.get("/api/rqavailable/").json()["queue_can_accept_job"] is True
    quiet.db.commit(queries.fail_stuck_jobs)
    job = client.get("/api/jobs/").json()["results"][0]
    assert (job["failed"], job["finished"], job["result"]["status"]) == (True, True, "failed")
