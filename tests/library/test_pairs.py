"""Several files that are one photo, in whatever order they come and go."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import text

from librephotos.db.statements import statement
from librephotos.db.tables import album, album_photo, face, person, photo_share
from librephotos.db.tables import photo as photo_table
from librephotos.library.grouping import stem_key
from tests.builders import add_row, change_row
from tests.library.pictures import draw_raw, film
from tests.library.scanning import Library, draw

TAKEN = "2023:07:01 14:05:09"


def shown(library: Library) -> list[list[str]]:
    """The names of each living photo's files, the main file's first."""
    photos = []
    for photo in library.photos():
        if photo["is_removed"]:
            continue
        rows = library.rows(
            "SELECT path FROM file WHERE photo_id = :id AND kind <> 3 ORDER BY id <> :main, path_bytes",
            id=photo["id"],
            main=photo["main_file_id"] or 0,
        )
        photos.append([path.removeprefix(f"{library.folder}/") for (path,) in rows])
    return photos


def detail(library: Library, uuid: str) -> dict[str, Any]:
    with library.instance.client(library.owner.bearer) as client:
        answer = client.get(f"/api/photos/{uuid}/")
    assert answer.status_code == 200, answer.text
    return answer.json()


def change(library: Library, sql: str) -> None:
    with library.instance.db.transaction() as tx:
        tx.connection.execute(sql)


def living(library: Library) -> dict[str, Any]:
    (photo,) = [photo for photo in library.photos() if not photo["is_removed"]]
    return photo


def add_jpeg(folder: Path) -> None:
    draw(folder / "IMG_1.JPG", 1, taken=TAKEN)


def add_raw(folder: Path) -> None:
    draw_raw(folder / "img_1.cr2", 1)


@pytest.mark.parametrize(
    "order", [[add_jpeg, add_raw], [add_raw, add_jpeg], [None]], ids=["jpeg", "raw", "both"]
)
def test_raw_and_jpeg_are_one_photo_whichever_comes_first(
    library: Library, order: list[Callable[[Path], None] | None]
) -> None:
    for add in order:
        if add is None:
            add_raw(library.folder)
            add_jpeg(library.folder)
        else:
            add(library.folder)
        library.scan()
    assert shown(library) == [["IMG_1.JPG", "img_1.cr2"]]
    photo = living(library)
    assert photo["taken_local"] == "2023-07-01T14:05:09"
    told = detail(library, photo["uuid"])
    variants = [(each["filename"], each["type"], each["is_main"]) for each in told["file_variants"]]
    assert sorted(variants) == [
        ("IMG_1.JPG", "image", True),
        ("img_1.cr2", "raw", False),
    ]
    flag = library.rows("SELECT has_raw_variant FROM photo WHERE id = :id", id=photo["id"])
    assert bool(flag[0][0]) is True
    assert library.scan()["result"]["new_or_changed"] == 0


def test_a_pair_survives_the_loss_of_either_half(library: Library) -> None:
    for number in (1, 2):
        draw(library.folder / f"{number}.jpg", number, taken=TAKEN)
        draw_raw(library.folder / f"{number}.nef", number)
    library.scan()
    before = {photo["paths"][0][-5:]: photo["uuid"] for photo in library.photos()}
    (library.folder / "1.jpg").unlink()
    (library.folder / "2.nef").unlink()
    library.scan()
    assert shown(library) == [["1.nef"], ["2.jpg"]]
    flags = library.rows(
        "SELECT has_raw_variant FROM photo WHERE owner_id = :owner ORDER BY id", owner=library.owner.user_id
    )
    assert sorted(bool(flag) for (flag,) in flags) == [False, True]
    draw(library.folder / "1.jpg", 1, taken=TAKEN)
    library.scan()
    assert shown(library) == [["1.jpg", "1.nef"], ["2.jpg"]]
    assert {photo["uuid"] for photo in library.photos()} == set(before.values())


def test_a_pair_that_is_moved_file_by_file_stays_one_photo(library: Library) -> None:
    add_jpeg(library.folder)
    add_raw(library.folder)
    library.scan()
    uuid = living(library)["uuid"]
    (library.folder / "raw").mkdir()
    (library.folder / "img_1.cr2").rename(library.folder / "raw" / "img_1.cr2")
    library.scan()
    assert shown(library) == [["IMG_1.JPG", "raw/img_1.cr2"]]
    (library.folder / "IMG_1.JPG").rename(library.folder / "raw" / "IMG_1.JPG")
    library.scan()
    assert shown(library) == [["raw/IMG_1.JPG", "raw/img_1.cr2"]]
    assert living(library)["uuid"] == uuid


def test_owners_may_keep_raw_files_apart_or_leave_them_out(library: Library) -> None:
    owner = library.owner.user_id
    change(library, f'UPDATE "user" SET skip_raw_files = TRUE WHERE id = {owner}')
    add_raw(library.folder)
    add_jpeg(library.folder)
    library.scan()
    assert shown(library) == [["IMG_1.JPG"]]
    assert library.files()["img_1.cr2"] == ("skipped", "RAW files are left out by your settings.")
    change(library, f'UPDATE "user" SET skip_raw_files = FALSE, stack_raw_jpeg = FALSE WHERE id = {owner}')
    library.scan("/api/fullscanphotos/")
    assert ["IMG_1.JPG"] in shown(library)
    change(library, f'UPDATE "user" SET stack_raw_jpeg = TRUE WHERE id = {owner}')
    library.scan("/api/fullscanphotos/")
    assert shown(library) == [["IMG_1.JPG", "img_1.cr2"]]


@pytest.mark.parametrize("first", ["still", "clip"])
def test_a_still_and_its_short_film_are_a_live_photo(library: Library, first: str) -> None:
    steps = [
        lambda: draw(library.folder / "IMG_2.JPG", 2, taken=TAKEN),
        lambda: (library.folder / "IMG_2.MOV").write_bytes(film(2)),
    ]
    for step in steps if first == "still" else reversed(steps):
        step()
        library.scan()
    assert shown(library) == [["IMG_2.JPG", "IMG_2.MOV"]]
    assert detail(library, living(library)["uuid"])["video"] is False


def test_a_long_film_with_the_name_of_a_still_is_no_live_photo(library: Library) -> None:
    draw(library.folder / "1.jpg", 1, taken=TAKEN)
    (library.folder / "1.mov").write_bytes(film(1200))
    library.scan()
    assert shown(library) == [["1.jpg"], ["1.mov"]]


def test_an_edited_picture_of_a_phone_stays_a_photo_of_its_own(library: Library) -> None:
    draw(library.folder / "IMG_0003.JPG", 3, taken=TAKEN)
    draw(library.folder / "IMG_E0003.JPG", 4, taken=TAKEN)
    (library.folder / "IMG_0003.MOV").write_bytes(film(2))
    library.scan()
    assert shown(library) == [["IMG_0003.JPG", "IMG_0003.MOV"], ["IMG_E0003.JPG"]]


def test_one_shot_in_two_formats_is_one_photo_and_different_pictures_are_two(library: Library) -> None:
    draw(library.folder / "same.jpg", 1, size=(300, 200), quality=95)
    with Image.open(library.folder / "same.jpg") as picture:
        picture.save(library.folder / "same.png")
    draw(library.folder / "other.jpg", 2, size=(300, 200))
    draw(library.folder / "x.jpg", 77, size=(300, 200))
    with Image.open(library.folder / "x.jpg") as picture:
        picture.save(library.folder / "other.png")
    (library.folder / "x.jpg").unlink()
    library.scan()
    assert sorted(shown(library)) == [["other.jpg"], ["other.png"], ["same.jpg", "same.png"]]


def test_what_was_thrown_away_draws_nothing_into_the_trash(library: Library) -> None:
    draw(library.folder / "a.jpg", 1)
    library.scan()
    change(library, f"UPDATE photo SET is_trashed = TRUE WHERE owner_id = {library.owner.user_id}")
    with Image.open(library.folder / "a.jpg") as picture:
        picture.save(library.folder / "a.png")
    library.scan()
    assert len(shown(library)) == 2


def test_a_changed_raw_file_leaves_the_picture_of_its_jpeg(library: Library) -> None:
    add_jpeg(library.folder)
    add_raw(library.folder)
    library.scan()
    before = living(library)
    draw_raw(library.folder / "img_1.cr2", 99)
    library.scan()
    after = living(library)
    assert (after["image_hash"], after["aspect_ratio"]) == (before["image_hash"], before["aspect_ratio"])
    assert shown(library) == [["IMG_1.JPG", "img_1.cr2"]]
    kinds = ("thumbnails_big", "square_thumbnails", "square_thumbnails_small")
    name = after["image_hash"]
    for kind in kinds:
        assert (library.instance.data / "derived" / kind / name[:2] / f"{name}.webp").is_file()


def test_a_copy_of_one_half_is_another_path_of_the_photo(library: Library) -> None:
    add_jpeg(library.folder)
    add_raw(library.folder)
    library.scan()
    (library.folder / "copies").mkdir()
    shutil.copyfile(library.folder / "img_1.cr2", library.folder / "copies" / "img_1.cr2")
    library.scan()
    assert shown(library) == [["IMG_1.JPG", "copies/img_1.cr2", "img_1.cr2"]]


def test_older_pairs_that_were_two_photos_are_united_and_lose_nothing(library: Library) -> None:
    owner = library.owner.user_id
    change(library, f'UPDATE "user" SET stack_raw_jpeg = FALSE WHERE id = {owner}')
    draw(library.folder / "a.jpg", 1, taken=TAKEN)
    draw(library.folder / "half.jpg", 2, taken=TAKEN)
    library.scan()
    kept, lost = library.photos()
    friend = library.instance.add_user()
    as_raw = "kind = 4, path_bytes = :raw, path = :path, stem_key = :key"
    path = bytes(str(library.folder / "a.nef"), "ascii")
    (library.folder / "half.jpg").rename(library.folder / "a.nef")
    with library.instance.db.transaction() as tx:
        tx.execute(
            statement(text(f"UPDATE file SET {as_raw} WHERE photo_id = :id")),
            raw=path,
            path=path.decode(),
            key=stem_key(path),
            id=lost["id"],
        )
        album_id = add_row(
            tx, album, owner_id=owner, title=f"of {owner}", saved_at=1, cover_photo_id=lost["id"]
        )
        add_row(tx, album_photo, album_id=album_id, photo_id=lost["id"])
        add_row(tx, photo_share, photo_id=lost["id"], user_id=friend.user_id)
        person_id = add_row(tx, person, owner_id=owner, name="Ann", modified_at=1)
        box = {"location_top": 1, "location_right": 20, "location_bottom": 20, "location_left": 1}
        image = f"faces/{lost['image_hash']}_0.jpg"
        add_row(tx, face, photo_id=lost["id"], person_id=person_id, image=image, **box)
        typed = {"rating": 5, "is_hidden": True, "user_taken_local": "2001-02-03T04:05:06"}
        change_row(tx, photo_table, lost["id"], **typed)
        tx.execute(
            statement(text("UPDATE photo_metadata SET captions = :c, keywords = :k WHERE photo_id = :id")),
            c='{"user_caption":"A tram"}',
            k='["lisbon"]',
            id=lost["id"],
        )
    picture = library.instance.data / "derived" / "faces" / lost["image_hash"][:2]
    picture.mkdir(parents=True, exist_ok=True)
    (picture / f"{lost['image_hash']}_0.jpg").write_bytes(b"a face")
    change(library, f'UPDATE "user" SET stack_raw_jpeg = TRUE WHERE id = {owner}')
    library.scan()
    library.wait(repair_job(library))
    assert shown(library) == [["a.jpg", "a.nef"]]
    photo = living(library)
    assert (photo["uuid"], photo["rating"]) == (kept["uuid"], 5)
    told = detail(library, photo["uuid"])
    assert told["hidden"] is True
    assert told["captions_json"]["user_caption"] == "A tram"
    assert [each["name"] for each in told["people"]] == ["Ann"]
    assert told["people"][0]["face_url"] == f"/media/faces/{kept['image_hash']}_0.jpg"
    moved = library.instance.data / "derived" / "faces" / kept["image_hash"][:2]
    assert (moved / f"{kept['image_hash']}_0.jpg").read_bytes() == b"a face"
    assert told["shared_to"] == [friend.user_id]
    rows = library.rows("SELECT photo_id FROM album_photo WHERE album_id = :id", id=album_id)
    assert rows == [(photo["id"],)]
    assert library.rows("SELECT cover_photo_id FROM album WHERE id = :id", id=album_id) == [(photo["id"],)]
    assert photo["taken_local"] == "2001-02-03T04:05:06"


def repair_job(library: Library) -> str:
    """Return the repair that follows the scan, once it is there."""
    with library.instance.client(library.owner.bearer) as client:
        for _ in range(100):
            rows = client.get("/api/jobs/").json()["results"]
            found = [row["job_id"] for row in rows if row["job_type"] == 16]
            if found:
                return found[0]
            time.sleep(0.05)
    raise AssertionError("no repair followed the scan")
