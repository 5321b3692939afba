"""Files that vanish: believed when they were deleted, not when a disk seems to be away."""

import shutil

from tests.library.scanning import Library, draw


def test_a_deleted_file_leaves_its_photo_missing_until_it_is_removed(library: Library) -> None:
    for number in range(3):
        draw(library.folder / f"{number}.jpg", number)
    library.scan()
    kept = library.photos()[0]
    saved = (library.folder / "0.jpg").read_bytes()
    (library.folder / "0.jpg").unlink()
    assert library.scan()["result"]["missing"] == 1
    (missing,) = [photo for photo in library.photos() if photo["missing"]]
    assert (missing["uuid"], missing["paths"], missing["is_removed"]) == (kept["uuid"], [], False)
    job = library.scan("/api/deletemissingphotos/")
    assert (job["job_type"], job["result"]["removed"]) == (5, 1)
    assert [bool(photo["is_removed"]) for photo in library.photos() if photo["missing"]] == [True]
    with library.instance.client(library.owner.bearer) as client:
        (event,) = client.get("/api/auth/events/").json()["results"]
    assert (event["kind"], event["target"], event["detail"]) == (
        "photos_deleted",
        "files gone",
        {"photos": 1},
    )
    assert event["actor_id"] == library.owner.user_id
    # With the file the photo comes back, and everything that was typed with it.
    (library.folder / "0.jpg").write_bytes(saved)
    library.scan()
    back = library.photos()[0]
    assert (back["uuid"], bool(back["is_removed"]), back["missing"]) == (kept["uuid"], False, [])


def test_a_removed_photo_comes_back_with_its_file_under_another_name(library: Library) -> None:
    for number in range(3):
        draw(library.folder / f"{number}.jpg", number)
    library.scan()
    kept = library.photos()[0]
    saved = (library.folder / "0.jpg").read_bytes()
    (library.folder / "0.jpg").unlink()
    library.scan()
    library.scan("/api/deletemissingphotos/")
    (library.folder / "z" / "again.jpg").parent.mkdir()
    (library.folder / "z" / "again.jpg").write_bytes(saved)
    library.scan()
    (back,) = [photo for photo in library.photos() if photo["uuid"] == kept["uuid"]]
    assert (bool(back["is_removed"]), [path[-11:] for path in back["paths"]]) == (False, ["z/again.jpg"])


def test_an_empty_scan_directory_loses_nothing(library: Library) -> None:
    draw(library.folder / "a.jpg", 1)
    library.scan()
    before = library.photos()
    (library.folder / "a.jpg").rename(library.instance.library / f"away-{library.owner.user_id}.jpg")
    result = library.scan()["result"]
    assert "empty" in result["offline"]
    assert library.photos() == before
    removed = library.scan("/api/deletemissingphotos/")["result"]
    assert (removed["removed"], "offline" in removed) == (0, True)
    assert library.photos() == before
    (library.instance.library / f"away-{library.owner.user_id}.jpg").rename(library.folder / "a.jpg")
    assert "offline" not in library.scan()["result"]
    assert library.photos() == before


def test_losing_most_files_at_once_is_not_believed(library: Library) -> None:
    for number in range(14):
        draw(library.folder / "disk" / f"{number}.jpg", number)
    draw(library.folder / "here.jpg", 99)
    library.scan()
    before = library.photos()
    away = library.instance.library / f"unmounted-{library.owner.user_id}"
    (library.folder / "disk").rename(away)
    assert "14 of 15" in library.scan()["result"]["offline"]
    assert library.photos() == before
    away.rename(library.folder / "disk")
    job = library.scan()
    assert "offline" not in job["result"]
    assert library.photos() == before


def test_moving_everything_is_no_loss(library: Library) -> None:
    for number in range(14):
        draw(library.folder / "old" / f"{number}.jpg", number)
    library.scan()
    before = {photo["uuid"] for photo in library.photos()}
    (library.folder / "old").rename(library.folder / "new")
    result = library.scan()["result"]
    assert ("offline" in result, result["missing"]) == (False, 0)
    photos = library.photos()
    assert {photo["uuid"] for photo in photos} == before
    assert all("/new/" in photo["paths"][0] and not photo["missing"] for photo in photos)


def test_a_scan_directory_that_is_gone_is_refused_and_changes_nothing(library: Library) -> None:
    draw(library.folder / "a.jpg", 1)
    library.scan()
    shutil.move(library.folder, f"{library.folder}-away")
    with library.instance.client(library.owner.bearer) as client:
        answer = client.post("/api/scanphotos/")
    assert answer.status_code == 400
    assert answer.json() == {
        "status": False,
        "message": f"Scan failed: Scan directory '{library.folder}' does not exist. Please contact your administrator.",
    }
    assert library.photos()[0]["missing"] == []
