"""Faces that files tell of: where they lie, whose they are, and that a person's word stands."""

import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from tests.library.pictures import write_tags
from tests.library.scanning import Library, draw
from tests.library.test_pairs import change, detail, living

GREEN = (0, 200, 60)
BOX = {"X": 0.25, "Y": 0.5, "W": 0.2, "H": 0.4}


def region(width: int, height: int, box: dict[str, float], name: str = "") -> str:
    """Return a region as ExifTool takes it."""
    area = ",".join(f"{key}={value}" for key, value in box.items())
    who = f"Name={name}," if name else ""
    size = f"W={width},H={height},Unit=pixel"
    return (
        f"{{AppliedToDimensions={{{size}}},RegionList=[{{Area={{{area},Unit=normalized}},{who}Type=Face}}]}}"
    )


def draw_face(path: Path, *, orientation: int = 1, name: str = "Ann") -> None:
    """Write a grey picture with a green face, of 400 by 300 when upright, and the region that tells of it."""
    image = Image.new("RGB", (400, 300), (120, 120, 120))
    ImageDraw.Draw(image).rectangle([60, 90, 139, 209], fill=GREEN)
    box = BOX
    if orientation == 6:  # stored turned to the left, and to be turned right
        image = image.transpose(Image.Transpose.ROTATE_90)
        box = {"X": 0.5, "Y": 0.75, "W": 0.4, "H": 0.2}
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(path, format="JPEG", exif=exif, quality=95)
    write_tags(path, XMP_RegionInfo=region(image.width, image.height, box, name))


def people_of(library: Library) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = detail(library, living(library)["uuid"])["people"]
    return found


def big_thumbnail(library: Library) -> Image.Image:
    name = living(library)["image_hash"]
    path = library.instance.data / "derived" / "thumbnails_big" / name[:2] / f"{name}.webp"
    with Image.open(path) as picture:
        return picture.convert("RGB")


def is_green(pixel: Any) -> bool:
    return all(abs(one - other) < 40 for one, other in zip(pixel, GREEN, strict=True))


@pytest.mark.parametrize("orientation", [1, 6])
def test_the_box_lies_on_the_face_and_its_picture_shows_it(library: Library, orientation: int) -> None:
    draw_face(library.folder / "a.jpg", orientation=orientation)
    library.scan()
    (ann,) = people_of(library)
    assert (ann["name"], ann["type"], ann["probability"]) == ("Ann", "user", 1)
    box = ann["location"]
    thumbnail = big_thumbnail(library)
    assert thumbnail.size == (400, 300)
    assert (box["left"], box["top"], box["right"], box["bottom"]) == (60, 90, 140, 210)
    inside = [(box["left"] + 4, box["top"] + 4), (box["right"] - 4, box["bottom"] - 4)]
    outside = [(box["left"] - 4, box["top"] + 4), (box["right"] + 4, box["bottom"] - 4)]
    assert all(is_green(thumbnail.getpixel(point)) for point in inside)
    assert not any(is_green(thumbnail.getpixel(point)) for point in outside)
    assert ann["face_url"] == f"/media/faces/{living(library)['image_hash']}_0.jpg"
    with library.instance.client(library.owner.bearer) as client:
        answer = client.get(ann["face_url"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    with Image.open(BytesIO(answer.content)) as picture:
        assert picture.size == (80, 120)
        assert is_green(picture.getpixel((40, 60)))


@pytest.mark.parametrize("name", ["portrait.jpg", "portrait-orientation-6.jpg"])
def test_real_portraits_stored_upright_and_turned(library: Library, samples: Path, name: str) -> None:
    shutil.copyfile(samples / "metadata" / "faces" / name, library.folder / name)
    library.scan()
    boxes = {
        each["name"]: tuple(each["location"][edge] for edge in ("left", "top", "right", "bottom"))
        for each in people_of(library)
    }
    # Read off the upright picture of 840 by 700 pixels.
    assert boxes == {"Marie Curie": (262, 146, 357, 285), "Pierre Curie": (537, 83, 618, 252)}


def test_a_rescan_doubles_nothing_and_counts_faces(library: Library) -> None:
    draw_face(library.folder / "a.jpg")
    library.scan()
    before = people_of(library)
    library.scan("/api/fullscanphotos/")
    assert people_of(library) == before
    owner = library.owner.user_id
    rows = library.rows("SELECT name, kind, face_count FROM person WHERE owner_id = :owner", owner=owner)
    assert rows == [("Ann", "USER", 1)]


def test_one_person_is_one_person_on_all_photos(library: Library) -> None:
    draw_face(library.folder / "a.jpg")
    draw_face(library.folder / "b.jpg", orientation=6)
    library.scan()
    owner = library.owner.user_id
    rows = library.rows("SELECT name, face_count FROM person WHERE owner_id = :owner", owner=owner)
    assert rows == [("Ann", 2)] or len(library.photos()) == 1


@pytest.mark.parametrize("did", ["deleted", "relabelled", "unlabelled"])
def test_what_a_person_did_to_a_face_stands(library: Library, did: str) -> None:
    draw_face(library.folder / "a.jpg")
    library.scan()
    photo, owner = living(library)["id"], library.owner.user_id
    if did == "deleted":
        change(library, f"UPDATE face SET is_deleted = TRUE WHERE photo_id = {photo}")
    elif did == "relabelled":
        change(library, f"INSERT INTO person (owner_id, name, modified_at) VALUES ({owner}, 'Bea', 1)")
        bea = f"(SELECT id FROM person WHERE owner_id = {owner} AND name = 'Bea')"
        change(library, f"UPDATE face SET person_id = {bea} WHERE photo_id = {photo}")
    else:
        change(library, f"UPDATE face SET person_id = NULL WHERE photo_id = {photo}")
    before = [(each["name"], each["location"]) for each in people_of(library)]
    library.scan("/api/fullscanphotos/")
    assert [(each["name"], each["location"]) for each in people_of(library)] == before
    write_tags(library.folder / "a.jpg", XMP_RegionName="Carla")
    library.scan()
    assert [(each["name"], each["location"]) for each in people_of(library)] == before
    assert len(library.rows("SELECT id FROM face WHERE photo_id = :id", id=photo)) == 1


def test_a_name_that_another_program_corrects_is_followed(library: Library) -> None:
    draw_face(library.folder / "a.jpg", name="Anna")
    library.scan()
    write_tags(library.folder / "a.jpg", XMP_RegionName="Ann")
    library.scan()
    assert [each["name"] for each in people_of(library)] == ["Ann"]


def test_a_face_in_a_sidecar_comes_later_and_a_nameless_one_has_no_person(library: Library) -> None:
    draw(library.folder / "a.jpg", 1, size=(400, 300))
    library.scan()
    write_tags(library.folder / "a.xmp", XMP_RegionInfo=region(400, 300, BOX))
    library.scan()
    (found,) = people_of(library)
    assert found["location"] == {"left": 60, "top": 90, "right": 140, "bottom": 210}
    assert library.rows("SELECT id FROM person WHERE owner_id = :owner", owner=library.owner.user_id) == []


def test_a_lost_picture_of_a_face_is_made_again_by_a_full_scan(library: Library) -> None:
    draw_face(library.folder / "a.jpg")
    library.scan()
    name = living(library)["image_hash"]
    picture = library.instance.data / "derived" / "faces" / name[:2] / f"{name}_0.jpg"
    picture.unlink()
    library.scan("/api/fullscanphotos/")
    assert picture.is_file()
