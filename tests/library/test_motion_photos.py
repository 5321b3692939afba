"""The film inside a photo: taken out, shown, followed through changes, and no photo of its own."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.instance import Instance
from tests.library.pictures import film
from tests.library.scanning import Library, Worker, draw
from tests.library.test_pairs import change, detail, living, shown


def add_motion_photo(path: Path, seed: int, clip: bytes) -> None:
    draw(path, seed, taken="2023:07:01 14:05:09")
    path.write_bytes(path.read_bytes() + b"\x00\x00\x30\x0a\x10\x00\x00\x00MotionPhoto_Data" + clip)


def clip_of(library: Library) -> Path:
    name = living(library)["image_hash"]
    return library.instance.data / "derived" / "embedded_media" / name[:2] / f"{name}_motion.mp4"


def test_the_film_is_taken_out_and_served(library: Library) -> None:
    clip = film(1, "mp4", seed=3)
    add_motion_photo(library.folder / "a.jpg", 1, clip)
    library.scan()
    photo = living(library)
    assert clip_of(library).read_bytes() == clip
    (embedded,) = detail(library, photo["uuid"])["embedded_media"]
    assert embedded["type"] == "video"
    assert embedded["id"].endswith(str(library.owner.user_id))
    with library.instance.client(library.owner.bearer) as client:
        answer = client.get(f"/media/embedded_media/{photo['image_hash']}")
        assert (answer.status_code, answer.headers["content-type"], answer.content) == (
            200,
            "video/mp4",
            clip,
        )
        assert client.get(f"/media/embedded_media/{photo['uuid']}").content == clip
        (day,) = client.get("/api/albums/date/list/").json()["results"]
        items = client.get(f"/api/albums/date/{day['id']}/").json()["results"]["items"]
        assert [item["type"] for item in items] == ["motion_photo"]
    stranger = library.instance.add_user()
    with library.instance.client(stranger.bearer) as client:
        assert client.get(f"/media/embedded_media/{photo['image_hash']}").status_code == 404


def test_a_full_scan_takes_out_what_an_earlier_version_left_in(library: Library) -> None:
    clip = film(1, "mp4", seed=4)
    add_motion_photo(library.folder / "a.jpg", 1, clip)
    library.scan()
    clip_of(library).unlink()
    change(library, f"DELETE FROM embedded_media WHERE photo_id = {living(library)['id']}")
    library.scan("/api/fullscanphotos/")
    assert clip_of(library).read_bytes() == clip
    assert len(detail(library, living(library)["uuid"])["embedded_media"]) == 1


def test_another_picture_loses_the_film_of_the_one_before(library: Library) -> None:
    add_motion_photo(library.folder / "a.jpg", 1, film(1, "mp4", seed=5))
    library.scan()
    before = clip_of(library)
    draw(library.folder / "a.jpg", 77, size=(64, 96))
    library.scan()
    assert detail(library, living(library)["uuid"])["embedded_media"] == []
    assert not before.exists()
    add_motion_photo(library.folder / "a.jpg", 78, film(1, "mp4", seed=6))
    library.scan()
    assert clip_of(library).read_bytes() == film(1, "mp4", seed=6)


def test_a_retagged_photo_keeps_its_film_under_its_name(library: Library) -> None:
    clip = film(1, "mp4", seed=7)
    add_motion_photo(library.folder / "a.jpg", 1, clip)
    library.scan()
    before = clip_of(library)
    raw = (library.folder / "a.jpg").read_bytes()
    (library.folder / "a.jpg").write_bytes(raw.replace(b"2023:07:01", b"2024:07:01"))
    library.scan()
    assert clip_of(library) == before
    assert before.read_bytes() == clip


@pytest.mark.parametrize("first", ["photo", "film", "both"])
def test_a_file_that_is_just_the_film_is_no_photo(library: Library, first: str) -> None:
    clip = film(2, "mp4", seed=8)
    steps = [
        lambda: add_motion_photo(library.folder / "a.jpg", 1, clip),
        lambda: (library.folder / "exported.mp4").write_bytes(clip),
    ]
    for step in reversed(steps) if first == "film" else steps:
        step()
        if first != "both":
            library.scan()
    library.scan()
    assert shown(library) == [["a.jpg"]]
    assert library.files()["exported.mp4"][0] == "skipped"
    assert library.scan()["result"]["new_or_changed"] == 0


def test_without_the_feature_the_film_stays_inside(own_instance: Instance, worker: Worker) -> None:
    own_instance.environment["LIBREPHOTOS_FEATURE_PROCESS_EMBEDDED_MEDIA"] = "false"
    library = Library.make(own_instance)
    worker.start()
    add_motion_photo(library.folder / "a.jpg", 1, film(1, "mp4", seed=9))
    library.scan()
    assert detail(library, living(library)["uuid"])["embedded_media"] == []
    assert not clip_of(library).exists()


def test_a_picture_in_the_library_is_never_altered(library: Library) -> None:
    add_motion_photo(library.folder / "a.jpg", 1, film(1, "mp4", seed=10))
    before = (library.folder / "a.jpg").read_bytes()
    library.scan()
    library.scan("/api/fullscanphotos/")
    assert (library.folder / "a.jpg").read_bytes() == before
    with Image.open(BytesIO(before)) as picture:
        assert picture.size == (96, 64)


def test_a_real_motion_photo_of_samsung_plays(library: Library, samples: Path) -> None:
    path = samples / "formats" / "motionphoto" / "samsung-one-ui-6.heic"
    (library.folder / path.name).write_bytes(path.read_bytes())
    library.scan()
    assert shown(library) == [[path.name]]
    assert clip_of(library).stat().st_size == 3_226_469
