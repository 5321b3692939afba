"""RAW files leave the pictures they were joined with once their owner wants them apart, and nothing is lost by that."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from librephotos.db.tables import album, album_photo, face, person
from tests.builders import add_row
from tests.library.pictures import film
from tests.library.scanning import Library
from tests.library.test_pairs import change, detail, shown
from tests.media.stills.dng import write_dng

KINDS = ("thumbnails_big", "square_thumbnails", "square_thumbnails_small")


def scene() -> np.ndarray:
    """Return a picture with shapes, as an RGB array."""
    soft = np.random.default_rng(5).integers(0, 255, (3, 4, 3), np.uint8)
    return np.asarray(Image.fromarray(soft).resize((320, 240), Image.Resampling.BICUBIC))


def add_raw(folder: Path) -> None:
    (folder / "img_1.dng").write_bytes(write_dng(scene()))


def add_jpeg(folder: Path) -> None:
    Image.fromarray(scene()).save(folder / "IMG_1.JPG")


def want_apart(library: Library, *, is_apart: bool = True) -> None:
    """Do as the page does, with the user's own settings."""
    with library.instance.client(library.owner.bearer) as client:
        path = f"/api/user/{library.owner.user_id}/"
        answer = client.patch(path, json={"stack_raw_jpeg": not is_apart})
    assert answer.status_code == 200, answer.text
    assert answer.json()["stack_raw_jpeg"] is not is_apart


def living(library: Library) -> list[dict[str, Any]]:
    return [photo for photo in library.photos() if not photo["is_removed"]]


def derived(library: Library, *names: str) -> Path:
    return library.instance.data.joinpath("derived", *names)


@pytest.mark.parametrize("order", [(add_jpeg, add_raw), (add_raw, add_jpeg)], ids=["jpeg", "raw"])
def test_a_pair_is_parted_and_keeps_what_people_said(
    library: Library, order: tuple[Callable[[Path], None], ...]
) -> None:
    folder = library.folder
    for add in order:
        add(folder)
        library.scan()
    (folder / "copies").mkdir()
    (folder / "copies" / "img_1.dng").write_bytes((folder / "img_1.dng").read_bytes())
    (folder / "IMG_1.MOV").write_bytes(film(2))
    library.scan()
    (before,) = living(library)
    assert len(shown(library)[0]) == 4
    _say_things(library, before)

    want_apart(library)
    assert library.scan("/api/fullscanphotos/")["failed"] is False
    assert [sorted(names) for names in shown(library)] == [
        ["IMG_1.JPG", "IMG_1.MOV"],
        ["copies/img_1.dng", "img_1.dng"],
    ]
    kept, apart = living(library)
    assert (kept["id"], kept["uuid"], kept["rating"]) == (before["id"], before["uuid"], 5)
    assert kept["image_hash"] != apart["image_hash"]
    told, other = detail(library, kept["uuid"]), detail(library, apart["uuid"])
    assert told["captions_json"]["user_caption"] == "A tram"
    assert [each["name"] for each in told["people"]] == ["Ann"]
    face_name = told["people"][0]["face_url"].removeprefix("/media/faces/")
    assert face_name == f"{kept['image_hash']}_0.jpg"
    assert derived(library, "faces", face_name[:2], face_name).read_bytes() == b"a face"
    assert library.rows(f"SELECT photo_id FROM album_photo WHERE photo_id = {kept['id']}") == [(kept["id"],)]
    assert (other["people"], apart["rating"]) == ([], 0)
    with_raw = library.rows(
        f"SELECT id FROM photo WHERE has_raw_variant AND owner_id = {library.owner.user_id}"
    )
    assert with_raw == [(apart["id"],)]
    for name in (kept["image_hash"], apart["image_hash"]):
        assert all(derived(library, kind, name[:2], f"{name}.webp").is_file() for kind in KINDS)

    # That is how it stays, until the owner wants it otherwise.
    library.scan("/api/fullscanphotos/")
    assert [photo["id"] for photo in living(library)] == [kept["id"], apart["id"]]
    want_apart(library, is_apart=False)
    library.scan("/api/fullscanphotos/")
    (again,) = living(library)
    assert (len(shown(library)[0]), again["uuid"], again["rating"]) == (4, kept["uuid"], 5)

    # What came together again is parted again.
    want_apart(library)
    library.scan("/api/fullscanphotos/")
    assert [photo["uuid"] for photo in living(library)] == [kept["uuid"], apart["uuid"]]


def _say_things(library: Library, photo: dict[str, Any]) -> None:
    with library.instance.client(library.owner.bearer) as client:
        words = {"image_hash": photo["image_hash"], "caption": "A tram"}
        client.post("/api/photosedit/savecaption/", json=words).raise_for_status()
    change(library, f"UPDATE photo SET rating = 5 WHERE id = {photo['id']}")
    owner = library.owner.user_id
    with library.instance.db.transaction() as tx:
        album_id = add_row(tx, album, owner_id=owner, title=f"of {owner}", saved_at=1)
        add_row(tx, album_photo, album_id=album_id, photo_id=photo["id"])
        person_id = add_row(tx, person, owner_id=owner, name="Ann", modified_at=1)
        box = {"location_top": 1, "location_right": 20, "location_bottom": 20, "location_left": 1}
        image = f"faces/{photo['image_hash']}_0.jpg"
        add_row(tx, face, photo_id=photo["id"], person_id=person_id, image=image, **box)
    picture = derived(library, "faces", photo["image_hash"][:2], f"{photo['image_hash']}_0.jpg")
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_bytes(b"a face")


def test_what_is_hidden_or_cannot_be_shown_by_itself_stays(library: Library) -> None:
    add_jpeg(library.folder)
    add_raw(library.folder)
    Image.fromarray(scene()[::-1]).save(library.folder / "broken.jpg")
    (library.folder / "broken.dng").write_bytes(write_dng(scene())[:700])
    library.scan()
    assert sorted(shown(library)) == [["IMG_1.JPG", "img_1.dng"], ["broken.jpg", "broken.dng"]]
    secret = next(photo for photo in living(library) if photo["paths"][0].lower().endswith("img_1.jpg"))
    change(library, f"UPDATE photo SET is_hidden = TRUE WHERE id = {secret['id']}")
    want_apart(library)
    library.scan("/api/fullscanphotos/")
    assert sorted(shown(library)) == [["IMG_1.JPG", "img_1.dng"], ["broken.jpg", "broken.dng"]]
    change(library, f"UPDATE photo SET is_hidden = FALSE WHERE id = {secret['id']}")
    library.scan("/api/fullscanphotos/")
    assert sorted(shown(library)) == [["IMG_1.JPG"], ["broken.jpg", "broken.dng"], ["img_1.dng"]]
