"""A scan of every still format: each picture is one photo, upright, and every other file says why it is none."""

import io
from pathlib import Path

import numpy as np
import pylibjxl
import pytest
from PIL import Image
from sqlalchemy import text

from librephotos.db.statements import statement
from tests.library.scanning import Library
from tests.media.stills.dng import write_dng
from tests.media.stills.heic import write_heic

KINDS = {
    **{"jpg": "JPEG", "png": "PNG", "webp": "WebP", "gif": "GIF", "tif": "TIFF"},
    **{"avif": "AVIF", "bmp": "BMP", "jp2": "JPEG2000"},
}


def picture(seed: int) -> np.ndarray:
    """A picture that differs from that of any other seed, also to the eye; its right half is dark."""
    coarse = np.random.default_rng(seed).integers(60, 255, (6, 8, 3), np.uint8)
    image = np.asarray(Image.fromarray(coarse).resize((160, 120), Image.Resampling.NEAREST)).copy()
    image[:, 80:] //= 8
    return image


def write_all(folder: Path) -> set[str]:
    for seed, (extension, kind) in enumerate(KINDS.items()):
        Image.fromarray(picture(seed)).save(folder / f"a.{extension}", kind)
    on_its_side = np.ascontiguousarray(np.rot90(picture(20), -1))
    files = {
        "turned.heic": write_heic(on_its_side, quarter_turns=1),
        "bright.hif": write_heic(picture(21).astype(np.uint16) * 140, code_points=(9, 16)),
        "a.jxl": pylibjxl.encode(picture(22), distance=0.5),
        "a.dng": write_dng(picture(23)),
        "sideways.nef": write_dng(
            on_its_side_of(24), preview=jpeg(on_its_side_of(24)), preview_size=(120, 160), orientation=8
        ),
        "wrong name.png": write_heic(picture(25)),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return {f"a.{extension}" for extension in KINDS} | set(files)


def on_its_side_of(seed: int) -> np.ndarray:
    return np.ascontiguousarray(np.rot90(picture(seed), -1))


def jpeg(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=92)
    return out.getvalue()


def thumbnail(library: Library, image_hash: str) -> Image.Image:
    folder = library.instance.data / "derived" / "thumbnails_big" / image_hash[:2]
    return Image.open(folder / f"{image_hash}.webp").convert("L")


def test_each_picture_is_one_photo_upright_and_with_its_kind(library: Library) -> None:
    names = write_all(library.folder)
    (library.folder / "cut.heic").write_bytes((library.folder / "turned.heic").read_bytes()[:-900])
    (library.folder / "noise.cr2").write_bytes(np.random.default_rng(1).bytes(5000))
    job = library.scan()
    files = library.files()
    assert {name for name, (state, _) in files.items() if state == "photo"} == names
    for name in ("cut.heic", "noise.cr2"):
        assert files[name][0] == "failed" and files[name][1].endswith(".")
    assert not job["failed"]
    for photo in library.photos():
        assert photo["aspect_ratio"] == 1.33, photo["paths"]
        grey = np.asarray(thumbnail(library, photo["image_hash"]))
        assert grey[:, : grey.shape[1] // 2].mean() > 1.5 * grey[:, grey.shape[1] // 2 :].mean(), photo[
            "paths"
        ]


def test_only_bright_pictures_are_told_as_such(library: Library) -> None:
    write_all(library.folder)
    library.scan()
    found = library.rows(
        "SELECT file.path FROM photo JOIN file ON file.photo_id = photo.id "
        f"WHERE photo.is_hdr AND photo.owner_id = {library.owner.user_id}"
    )
    assert [Path(path).name for (path,) in found] == ["bright.hif"]


def test_originals_are_served_with_their_own_type(library: Library) -> None:
    write_all(library.folder)
    library.scan()
    # The RAW file of the same name is the other half of one of the pictures.
    types = {Path(path).name: photo["image_hash"] for photo in library.photos() for path in photo["paths"]}
    with library.instance.client(library.owner.bearer) as client:
        for name, wanted in (
            ("turned.heic", "image/heic"),
            ("a.jxl", "image/jxl"),
            ("sideways.nef", "image/x-nikon-nef"),
        ):
            answer = client.get(f"/media/photos/{types[name]}")
            assert answer.headers["content-type"] == wanted
            assert answer.content == (library.folder / name).read_bytes()


def test_pictures_that_an_older_version_passed_over_are_read_by_the_next_scan(library: Library) -> None:
    (library.folder / "a.heic").write_bytes(write_heic(picture(30)))
    (library.folder / "note.txt").write_text("no picture")
    library.scan()
    passed_over = "state = 'skipped', reason = 'HEIC pictures are not read yet.', photo_id = NULL"
    with library.instance.db.transaction() as tx:
        tx.execute(
            statement(text(f"UPDATE photo SET main_file_id = NULL WHERE owner_id = {library.owner.user_id}"))
        )
        tx.execute(
            statement(
                text(
                    f"UPDATE file SET {passed_over} WHERE owner_id = {library.owner.user_id} AND path LIKE '%.heic'"
                )
            )
        )
    assert library.files()["a.heic"][0] == "skipped"
    assert library.scan()["result"]["new_or_changed"] == 1
    assert library.files()["a.heic"] == ("photo", "")
    assert library.scan()["result"]["new_or_changed"] == 0


@pytest.mark.long
def test_the_sample_photos_are_all_accounted_for(library: Library) -> None:
    for folder in Path(__file__).resolve().parents:
        if (folder / "shared" / "photos").is_dir():
            samples = folder / "shared" / "photos"
            break
    else:
        pytest.skip("the sample photos are not here")
    for path in samples.rglob("*"):
        if path.is_file():
            target = library.folder / path.relative_to(samples)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    library.scan()
    for name, (state, reason) in library.files().items():
        assert state == "photo" or reason, name
    stills = [name for name in library.files() if name.lower().endswith((".heic", ".hif", ".avif", ".jxl"))]
    assert len(stills) == 7 and all(library.files()[name][0] == "photo" for name in stills)
