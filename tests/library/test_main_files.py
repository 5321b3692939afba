"""The file that somebody chose as a photo's main one stays that, whatever becomes of the files."""

import shutil
from typing import Any

import pytest
from PIL import Image

from tests.library.in_process import InProcessLibrary
from tests.library.pictures import draw_raw
from tests.library.scanning import Library
from tests.library.small_pictures import jpeg
from tests.library.test_identity_examples import photo_of, write
from tests.library.test_pairs import living, shown
from tests.library.test_parting import KINDS, add_jpeg, add_raw, derived, scene, want_apart

FULL = "/api/fullscanphotos/"
JPEG_FIRST, RAW_FIRST = [["IMG_1.JPG", "img_1.dng"]], [["img_1.dng", "IMG_1.JPG"]]


@pytest.fixture
def pair(library: Library) -> Library:
    """A photo of a JPEG and a RAW file, whose owner chose the RAW file."""
    add_jpeg(library.folder)
    add_raw(library.folder)
    library.scan()
    choose(library, living(library), "img_1.dng")
    assert shown(library) == RAW_FIRST
    return library


def choose(library: Library, photo: dict[str, Any], name: str) -> None:
    with library.instance.client(library.owner.bearer) as client:
        variants = client.get(f"/api/photos/{photo['uuid']}/").json()["file_variants"]
        (file_hash,) = {each["hash"] for each in variants if each["filename"] == name}
        answer = client.post(f"/api/photos/{photo['uuid']}/main-file/", json={"file_hash": file_hash})
    assert (answer.status_code, answer.json()) == (200, {"status": "updated", "main_file_hash": file_hash})


def thumbnails(library: Library, photo: dict[str, Any]) -> list[bytes]:
    name = photo["image_hash"]
    return [derived(library, kind, name[:2], f"{name}.webp").read_bytes() for kind in KINDS]


def test_a_choice_outlasts_scans_and_leaves_the_thumbnails_alone(pair: Library) -> None:
    photo = living(pair)
    before = thumbnails(pair, photo)
    # What the chosen file says is read, once.
    assert pair.scan()["result"]["new_or_changed"] == 1
    for path in ("/api/scanphotos/", FULL, FULL):
        pair.scan(path)
        assert shown(pair) == RAW_FIRST
    assert (living(pair)["uuid"], living(pair)["image_hash"]) == (photo["uuid"], photo["image_hash"])
    assert thumbnails(pair, photo) == before
    # Another file joins that would be better by the rule.
    Image.fromarray(scene()).save(pair.folder / "IMG_1.AVIF")
    pair.scan()
    assert shown(pair)[0][0] == "img_1.dng"
    # A person changes their mind.
    choose(pair, photo, "IMG_1.JPG")
    pair.scan(FULL)
    assert shown(pair)[0][0] == "IMG_1.JPG"


def test_a_chosen_file_may_move_get_other_tags_and_come_back(pair: Library) -> None:
    uuid, raw = living(pair)["uuid"], pair.folder / "img_1.dng"
    # Other bytes, the same picture: the photo does not take it for another one.
    raw.write_bytes(raw.read_bytes() + b"tags")
    pair.scan(FULL)
    assert shown(pair) == RAW_FIRST
    # To another disk and away: the other half shows the photo meanwhile.
    kept = raw.read_bytes()
    raw.unlink()
    pair.scan()
    assert shown(pair) == [["IMG_1.JPG"]]
    raw.write_bytes(kept)
    pair.scan()
    assert shown(pair) == RAW_FIRST
    (pair.folder / "raw").mkdir()
    raw.rename(pair.folder / "raw" / raw.name)
    pair.scan(FULL)
    assert shown(pair) == [["raw/img_1.dng", "IMG_1.JPG"]]
    assert living(pair)["uuid"] == uuid


def test_a_choice_is_kept_by_photos_that_part_and_join_again(pair: Library) -> None:
    chosen = living(pair)["uuid"]
    want_apart(pair)
    pair.scan(FULL)
    (with_raw,) = [photo for photo in pair.photos() if photo["uuid"] == chosen]
    assert sorted(shown(pair)) == [["IMG_1.JPG"], ["img_1.dng"]]
    assert with_raw["paths"] == [str(pair.folder / "img_1.dng")]
    want_apart(pair, is_apart=False)
    pair.scan(FULL)
    assert shown(pair) == RAW_FIRST


def test_a_chosen_file_that_shows_nothing_leaves_the_thumbnails_to_another(library: Library) -> None:
    add_jpeg(library.folder)
    draw_raw(library.folder / "img_1.cr2", 1)
    library.scan()
    photo = living(library)
    choose(library, photo, "img_1.cr2")
    library.scan(FULL)
    assert shown(library) == [["img_1.cr2", "IMG_1.JPG"]]
    shutil.rmtree(derived(library, "thumbnails_big", photo["image_hash"][:2]))
    library.scan(FULL)
    assert len(thumbnails(library, photo)) == len(KINDS)
    assert shown(library) == [["img_1.cr2", "IMG_1.JPG"]]


def test_a_choice_follows_a_file_that_is_edited_but_not_a_name(quick_library: InProcessLibrary) -> None:
    library = quick_library
    write(library, "a.jpg", jpeg(1, day=1))
    write(library, "b.jpg", jpeg(1, day=1, version=1))
    library.scan()
    first = photo_of(library, "a.jpg")
    write(library, "c/a.jpg", jpeg(1, day=1))
    library.scan()
    write(library, "c/a.jpg", jpeg(1, day=2))
    library.scan()
    assert photo_of(library, "c/a.jpg") == first
    library.change(
        f"UPDATE photo SET chosen_hash = (SELECT hash FROM file WHERE path LIKE '{library.folder}/c/%'), "
        f"chosen_file_id = (SELECT id FROM file WHERE path LIKE '{library.folder}/c/%') WHERE id = {first}"
    )
    library.scan(mode="full")
    assert main_of(library, first) == "c/a.jpg"
    # The two files change places: the content was chosen.
    one, two = library.folder / "a.jpg", library.folder / "c" / "a.jpg"
    one.rename(library.folder / ".aside")
    two.rename(one)
    (library.folder / ".aside").rename(two)
    library.scan()
    assert main_of(library, first) == "a.jpg"
    # Other tags: the file was chosen.
    write(library, "a.jpg", jpeg(1, day=3))
    library.scan()
    assert main_of(library, first) == "a.jpg"


def main_of(library: InProcessLibrary, photo_id: int) -> str:
    ((path,),) = library.rows(
        f"SELECT path FROM photo JOIN file ON file.id = main_file_id WHERE photo.id = {photo_id}"
    )
    return str(path).removeprefix(f"{library.folder}/")
