"""What went wrong is counted and listed for the owner alone, and trying again really tries again."""

import os
from typing import Any

import httpx

from librephotos.db.tables import photo_step
from librephotos.http.paging import PageRequest
from librephotos.kit import clock
from librephotos.library.queries.problems import count_problems, list_problems
from tests.builders import Builder, add_row
from tests.instance import Account, Instance
from tests.library.scanning import Library, draw

PROBLEMS = "/api/library/problems/"
COUNTS = "/api/library/problems/counts/"


def get(library: Library, path: str, **query: str | int) -> Any:
    with library.instance.client(library.owner.bearer) as client:
        answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def retry(library: Library, **body: Any) -> httpx.Response:
    with library.instance.client(library.owner.bearer) as client:
        return client.post("/api/library/problems/retry/", json=body)


def damage(library: Library, name: str, seed: int) -> bytes:
    """Write a picture whose inside is lost, and return what it should be."""
    draw(library.folder / name, seed, size=(320, 240))
    content = (library.folder / name).read_bytes()
    put(library, name, content[:20] + bytes(len(content) - 20))
    return content


def put(library: Library, name: str, content: bytes) -> None:
    """Write a file of the same size without changing its time, so that no walk notices."""
    path = library.folder / name
    status = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def kinds(library: Library, **query: str) -> list[tuple[str, str]]:
    top = f"{library.folder}/"
    return [
        (one["kind"], one["path"].removeprefix(top)) for one in get(library, PROBLEMS, **query)["results"]
    ]


def add_step(
    library: Library, photo_id: int, step: str, state: str = "failed", reason: str = "It is odd."
) -> None:
    with library.instance.db.transaction() as tx:
        values = {"step": step, "state": state, "reason": reason, "finished_at": clock.now()}
        add_row(tx, photo_step, photo_id=photo_id, **values)


def test_each_kind_of_problem_is_listed_counted_and_filtered(library: Library) -> None:
    draw(library.folder / "good.jpg", 1)
    draw(library.folder / "gone.jpg", 2)
    damage(library, "b-bad.jpg", 3)
    damage(library, "a-bad.jpg", 4)
    (library.folder / "notes.txt").write_text("no picture")
    library.scan()
    (library.folder / "gone.jpg").unlink()
    library.scan()
    photo = next(photo for photo in library.photos() if photo["paths"])
    add_step(library, photo["id"], "places")
    add_step(library, photo["id"], "faces", "not_applicable")
    assert kinds(library) == [
        ("failed", "a-bad.jpg"),
        ("failed", "b-bad.jpg"),
        ("step", "good.jpg"),
        ("missing", "gone.jpg"),
        ("skipped", "notes.txt"),
    ]
    counts = get(library, COUNTS)
    assert counts["count"] == 5
    assert [(group["kind"], group["step"], group["count"]) for group in counts["groups"]] == [
        ("failed", "read", 2),
        ("step", "places", 1),
        ("missing", "read", 1),
        ("skipped", "read", 1),
    ]
    assert kinds(library, kind="missing") == [("missing", "gone.jpg")]
    assert kinds(library, step="places") == [("step", "good.jpg")]
    assert kinds(library, reason=counts["groups"][0]["reason"]) == [
        ("failed", "a-bad.jpg"),
        ("failed", "b-bad.jpg"),
    ]
    assert kinds(library, kind="nonsense") == []
    page = get(library, PROBLEMS, page=2, page_size=2)
    assert (page["count"], [one["kind"] for one in page["results"]]) == (5, ["step", "missing"])
    step = page["results"][0]
    assert (step["photo_id"], step["reason"], step["at"][-1]) == (photo["uuid"], "It is odd.", "Z")
    # What was removed on purpose is none any more.
    library.scan("/api/deletemissingphotos/")
    assert kinds(library, kind="missing") == []


def test_nobody_sees_or_retries_the_problems_of_others(library: Library) -> None:
    damage(library, "bad.jpg", 1)
    library.scan()
    (problem,) = get(library, PROBLEMS)["results"]
    for other in (Library.make(library.instance), library):
        # Whose it is not is told the same as whoever names one that does not exist.
        wanted = problem["id"] if other is not library else "file:999999999"
        answer = retry(other, ids=[wanted])
        assert (answer.status_code, answer.json()) == (
            400,
            {"status": False, "message": "There is nothing to try again."},
        )
    stranger = Library.make(library.instance)
    assert get(stranger, PROBLEMS)["results"] == []
    assert get(stranger, COUNTS) == {"count": 0, "groups": []}


def test_a_file_is_read_again_when_it_is_tried_again(library: Library) -> None:
    first, second = damage(library, "1.jpg", 1), damage(library, "2.jpg", 2)
    assert library.scan()["result"]["failed"] == 2
    put(library, "1.jpg", first)
    put(library, "2.jpg", second)
    # Nobody notices by looking at sizes and times.
    assert library.scan()["result"]["new_or_changed"] == 0
    problem = next(one for one in get(library, PROBLEMS)["results"] if one["path"].endswith("1.jpg"))
    job = library.wait(retry(library, ids=[problem["id"]]).json()["job_id"])
    assert (job["job_type"], job["result"]["read"]) == (1, 1)
    assert kinds(library) == [("failed", "2.jpg")]
    job = library.wait(retry(library).json()["job_id"])
    assert (job["result"]["read"], kinds(library), len(library.photos())) == (1, [], 2)


def test_steps_that_failed_are_done_again(library: Library) -> None:
    draw(library.folder / "a.jpg", 1)
    library.scan()
    (photo,) = library.photos()
    with library.instance.db.transaction() as tx:
        tx.connection.execute(
            f"UPDATE photo_step SET state = 'failed' WHERE step = 'metadata' AND photo_id = {photo['id']}"
        )
    add_step(library, photo["id"], "places")
    assert get(library, COUNTS)["count"] == 2
    library.wait(retry(library, kind="step").json()["job_id"])
    assert get(library, COUNTS)["count"] == 0
    steps = library.rows(f"SELECT step, state FROM photo_step WHERE photo_id = {photo['id']} ORDER BY step")
    assert steps[0] == ("metadata", "done")
    # The jobs that look for photos without a place find this one.
    assert "places" not in dict(steps)


def test_a_skipped_file_is_tried_again_when_it_is_asked_for(library: Library) -> None:
    draw(library.folder / "a.jpg", 1)
    content = (library.folder / "a.jpg").read_bytes()
    (library.folder / "a.jpg").write_bytes(b"text" + bytes(len(content) - 4))
    library.scan()
    assert kinds(library) == [("skipped", "a.jpg")]
    put(library, "a.jpg", content)
    assert retry(library).status_code == 400
    library.wait(retry(library, kind="skipped").json()["job_id"])
    assert (kinds(library), len(library.photos())) == ([], 1)


def test_bad_input_is_refused_by_the_fields_name(library: Library) -> None:
    for body in (
        {"ids": ["12"]},
        {"ids": ["file:x"]},
        {"ids": ["step:7:places"]},
        {"ids": "file:1"},
        {"ids": ["file:1"] * 1001},
        {"kind": "missing"},
    ):
        answer = retry(library, **body)
        assert answer.status_code == 400, body
        assert {error["field"] for error in answer.json()["errors"]} == set(body)


def test_a_list_of_any_length_makes_the_same_number_of_statements(instance: Instance, user: Account) -> None:
    builder = Builder(instance)
    counts = []
    for number in range(12):
        builder.add_photo(user, with_files=False)
        with instance.db.transaction() as tx:
            tx.connection.execute(f"UPDATE file SET state = 'failed' WHERE owner_id = {user.user_id}")
        if number in (1, 11):
            with instance.db.snapshot() as tx:
                page = list_problems(tx, user.user_id, {}, PageRequest(1, 100, "", ""))
                counts.append((len(page.results), tx.statement_count))
    assert counts == [(2, 2), (12, 2)]
    with instance.db.snapshot() as tx:
        assert count_problems(tx, user.user_id).count == 12
        assert tx.statement_count == 1
