"""Videos through a whole scan: what the API says of them, and how their files are sent."""

import os
import shutil
from pathlib import Path

import pytest

from librephotos.db.tables import photo
from librephotos.kit import clock
from librephotos.library.jobs.missing import purge_removed
from librephotos.photos.paths import derived_path
from librephotos.photos.transcoding.transcoder import encode_of
from librephotos.settings import Settings
from tests.builders import change_row
from tests.conftest import NewInstance
from tests.library.scanning import Library, Worker
from tests.videos import cornered, make_video


def summaries(library: Library) -> dict[str, dict]:
    """The owner's photos in full detail, by the name of their main file."""
    with library.instance.client(library.owner.bearer) as client:
        found = client.get("/api/photos/").json()["results"]
        return {row["image_path"][0].rsplit("/", 1)[1]: row for row in found}


def test_a_scan_of_videos(library: Library):
    (library.folder / "a.mp4").write_bytes(make_video(with_sound=True))
    (library.folder / "b.mkv").write_bytes(make_video("mkv", pixel_format="yuv420p10le", colour=(9, 16, 9)))
    (library.folder / "c.mp4").write_bytes(make_video()[:700])
    job = library.scan()
    assert job["result"]["error_count"] == 1
    assert library.files()["c.mp4"] == ("failed", "The video is damaged and cannot be decoded.")
    found = summaries(library)
    assert found.keys() == {"a.mp4", "b.mkv"}
    plain, hdr = found["a.mp4"], found["b.mkv"]
    assert (plain["video"], plain["width"], plain["height"]) == (True, 96, 64)
    assert plain["video_playback_type"] == 'video/mp4; codecs="avc1.42C00A, mp4a.40.2"'
    assert plain["square_thumbnail_url"] == f"/media/square_thumbnails/{plain['image_hash']}.mp4"
    rows = library.rows(
        "SELECT is_video, is_hdr, video_length, dominant_color FROM photo "
        f"WHERE owner_id = {library.owner.user_id} ORDER BY is_hdr"
    )
    assert [tuple(row) for row in rows] == [(True, False, "1.002", ""), (True, True, "1.0", "")]
    with library.instance.client(library.owner.bearer) as client:
        for shown in (plain, hdr):
            for key, kind in (
                ("big_thumbnail_url", "image/webp"),
                ("square_thumbnail_url", "video/mp4"),
                ("small_square_thumbnail_url", "video/mp4"),
            ):
                answer = client.get(shown[key], headers={"Range": "bytes=0-9"})
                assert (answer.status_code, answer.headers["content-type"]) == (206, kind)
        answer = client.get(f"/media/square_thumbnails/{plain['image_hash']}")
        assert answer.headers["content-type"] == "video/mp4"
        original = client.get(f"/media/photos/{plain['image_hash']}.mp4", headers={"Range": "bytes=4-7"})
        assert (original.status_code, original.content) == (206, b"ftyp")
        assert client.get("/api/albums/date/list/?video=true").json()["results"][0]["numberOfItems"] == 2


def test_a_scan_of_real_videos(library: Library, sample_photos: Path | None):
    if sample_photos is None:
        pytest.skip("the sample photos are not here")
    for path in (sample_photos / "formats" / "video").iterdir():
        shutil.copy(path, library.folder / path.name)
    assert "error_count" not in library.scan()["result"]
    taken = library.rows(
        "SELECT file.path, taken_local, taken_offset_minutes, gps_lat, gps_lon, video_length FROM photo "
        f"JOIN file ON file.id = photo.main_file_id WHERE photo.owner_id = {library.owner.user_id}"
    )
    found = {row[0].rsplit("/", 1)[1]: tuple(row)[1:] for row in taken}
    assert found == {
        # Its clock says 08:25:57 in UTC; the position lies in Israel, whose summer time is three hours ahead.
        "with-gps.mov": ("2019-07-24T11:25:57", 180, 32.0929, 34.862, "4.002"),
        "with-gps.mp4": ("2017-02-22T08:20:28", 0, 51.4169, -0.0806, "0.171"),
        "sample_mpeg4.mp4": ("2005-10-28T17:46:46", 0, None, None, "4.967"),
        "bikes.mp4": (None, None, None, None, "10.0"),
    }


def test_a_copied_retagged_and_replaced_video(library: Library):
    path = library.folder / "a.mp4"
    path.write_bytes(make_video())
    library.scan()
    (first,) = library.photos()
    retagged = make_video(metadata={"title": "Another title"})
    path.write_bytes(retagged)
    library.scan()
    (same,) = library.photos()
    assert (same["id"], same["image_hash"]) == (first["id"], first["image_hash"])
    assert derived_path(library.instance.data, "square_thumbnails", same["image_hash"], "mp4").exists()
    path.write_bytes(make_video(with_sound=True, pictures=[cornered(200, 50)[:, ::-1]] * 5))
    library.scan()
    (other,) = library.photos()
    assert other["id"] == first["id"] and other["image_hash"] != first["image_hash"]
    for kind in ("square_thumbnails", "square_thumbnails_small"):
        assert derived_path(library.instance.data, kind, other["image_hash"], "mp4").exists()
        assert not derived_path(library.instance.data, kind, first["image_hash"], "mp4").exists()


@pytest.fixture
def switchable(new_instance: NewInstance):
    return new_instance(feature_video="0")


def test_videos_switched_off_come_with_the_first_scan_after_they_are_switched_on(switchable):
    library = Library.make(switchable)
    (library.folder / "a.mp4").write_bytes(make_video())
    worker = Worker(switchable)
    worker.start()
    assert "error_count" not in library.scan()["result"]
    assert library.files()["a.mp4"][0] == "skipped" and not library.photos()
    worker.stop()
    switchable.environment["LIBREPHOTOS_FEATURE_VIDEO"] = "1"
    worker.start()
    library.scan()
    worker.stop()
    assert len(library.photos()) == 1


def test_a_video_that_was_removed_long_ago_leaves_nothing(library: Library):
    (library.folder / "a.mp4").write_bytes(make_video(rate=7))
    library.scan()
    (found,) = library.photos()
    data = library.instance.data
    name = found["image_hash"]
    converted = Path(os.fsdecode(encode_of(data, name).finished))
    converted.parent.mkdir(parents=True)
    converted.write_bytes(b"converted")
    assert len(derived_of(data, name)) == 4
    with library.instance.db.transaction() as tx:
        change_row(tx, photo, found["id"], is_removed=True, modified_at=clock.now() - 31 * clock.DAY)
    purge_removed(library.instance.db, Settings(data=data))
    assert derived_of(data, name) == []


def derived_of(data: Path, name: str) -> list[Path]:
    return list((data / "derived").rglob(f"{name}.*"))
