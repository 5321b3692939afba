"""The jobs that tell what photos are of, run by a real worker."""

import httpx

from librephotos.photos.queries.categories import list_automatic, mark_screenshots
from tests.builders import Builder
from tests.instance import Account, Instance
from tests.library.scanning import Library
from tests.photos.rows import photo_row


def test_screenshots_are_found_and_what_was_said_by_hand_stays(new_instance) -> None:
    one = new_instance(start=False).start(with_worker=True)
    builder, library = Builder(one), Library.make(one)
    owner, read = library.owner, {"metadata": {"camera_model": "X"}, "with_files": False}
    shot = builder.add_photo(owner, name="Screenshot 1.jpg", **read)
    said = builder.add_photo(owner, name="Screenshot 2.jpg", category_source="user", **read)
    wrong = builder.add_photo(owner, is_screenshot=True, **read)
    video = builder.add_photo(owner, name="Screenshot 3.mp4", is_video=True, **read)
    other = builder.add_photo(one.add_user(), name="Screenshot 4.jpg", **read)
    photos = (shot, said, wrong, video, other)

    def run(path: str, **body: object) -> dict[str, object]:
        with one.client(owner.bearer) as client:
            library.last_job = client.post(path, json=body).json()["job_id"]
        return library.wait()

    job = run("/api/classifymedia/")
    assert (job["job_type"], job["job_type_str"], job["failed"]) == (17, "Classify Media Categories", False)
    assert {**job["result"], "progress": 0} == {
        "looked_at": 1,
        "changed": 1,
        "documents": "Documents are not looked for: no model for them is installed.",
        "progress": 0,
    }
    assert [photo_row(one, each, "is_screenshot") for each in photos] == [(1,), (0,), (1,), (0,), (0,)]
    job = run("/api/classifymedia", full_scan=True)
    assert (job["result"]["looked_at"], job["result"]["changed"]) == (2, 1)
    assert [photo_row(one, each, "is_screenshot") for each in photos] == [(1,), (0,), (0,), (0,), (0,)]
    job = run("/api/generateocr/", full_scan=True)
    assert (job["job_type"], job["failed"]) == (18, False)
    assert job["result"]["skipped"].startswith("No model for text recognition is installed")


def test_the_triggers_take_only_what_they_know(client: httpx.Client, anonymous: httpx.Client) -> None:
    for path in ("/api/classifymedia", "/api/generateocr/"):
        refused = client.post(path, json={"full_scan": "perhaps"})
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["field"] == "full_scan"
        assert client.get(path).status_code == 405
        assert client.post(path).status_code == 200
        assert anonymous.post(path).status_code == 401


def test_many_photos_are_marked_with_as_many_statements_as_few(
    instance: Instance, builder: Builder, user: Account
) -> None:
    def mark(count: int) -> int:
        asked = [
            builder.add_photo(user, with_files=False, metadata={"captions": None}).photo_id
            for _ in range(count)
        ]
        with instance.db.snapshot() as tx:
            assert set(asked) <= set(list_automatic(tx, user.user_id, 0, with_marked=False))
        with instance.db.transaction() as tx:
            assert mark_screenshots(tx, user.user_id, asked, frozenset(asked)) == count
            return tx.statement_count

    assert mark(2) == mark(20)
