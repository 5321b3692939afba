"""What people say of photos, written into real files by the real ExifTool, and what a scan makes of them afterwards."""

import hashlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from librephotos.kit import json
from librephotos.library.jobs.write_back import write_back_metadata
from librephotos.library.queries import write_back
from librephotos.library.queries.problems import retry_steps
from librephotos.media.errors import CHANGED
from librephotos.media.exiftool import locate_exiftool
from librephotos.media.process import Request
from librephotos.media.saying import Wishes
from librephotos.media.writing import WriteRequest
from librephotos.media.writing import write_tags as write
from tests.library.in_process import Host, InProcessLibrary
from tests.library.pictures import draw_raw, film, write_tags
from tests.library.scanning import Library, Worker, draw
from tests.library.small_disks import fill, make_read_only, small_disk
from tests.library.test_face_regions import draw_face
from tests.library.test_still_formats import picture
from tests.media.stills.heic import write_heic


def tags_of(path: Path) -> dict[str, Any]:
    command = locate_exiftool()
    assert command is not None
    answer = subprocess.run(
        [*command, "-json", "-n", "-struct", "-G1", str(path)], capture_output=True, check=True
    ).stdout
    found = json.loads(answer)[0]
    assert isinstance(found, dict)
    return found


class Home:
    """A library whose owner wants metadata written, scanned once."""

    def __init__(self, library: InProcessLibrary, mode: str) -> None:
        self.library = library
        self.folder = library.folder
        self.set_mode(mode)

    def set_mode(self, mode: str) -> None:
        self.library.change(
            f"UPDATE \"user\" SET save_metadata_to_disk = '{mode}', save_face_tags_to_disk = true "
            f"WHERE id = {self.library.user_id}"
        )

    def want_all(self) -> None:
        found = self.library.rows(f"SELECT id FROM photo WHERE owner_id = {self.library.user_id}")
        self.library.host.db.commit(write_back.want, [photo_id for (photo_id,) in found], at=0)

    @property
    def photo(self) -> dict[str, Any]:
        columns = "id, image_hash, content_hash, rating, taken_local, gps_lat, gps_lon, size_bytes, thumbnail_version"
        (row,) = self.library.rows(
            f"SELECT {columns} FROM photo WHERE owner_id = {self.library.user_id} AND NOT is_removed"
        )
        return dict(zip(columns.split(", "), row, strict=True))

    def say(self, sql: str, metadata: str = "") -> None:
        """Store what a person said, as the routes do: with a change that others follow."""
        if sql:
            self.library.change(f"UPDATE photo SET {sql} WHERE id = {self.photo['id']}")
        if metadata:
            self.library.change(f"UPDATE photo_metadata SET {metadata} WHERE photo_id = {self.photo['id']}")
        self.library.host.db.commit(write_back.want, [self.photo["id"]], at=0)

    def write(self, **arguments: Any) -> dict[str, Any]:
        report = self.library._run(write_back_metadata, **arguments)
        assert report is not None
        return report.as_result()

    def opened(self) -> int:
        """Scan, and return how many files that opened."""
        report = self.library.scan()
        assert report is not None
        return int(report.result["new_or_changed"])

    def step(self) -> tuple[str, str]:
        (row,) = self.library.rows(
            f"SELECT state, reason FROM photo_step WHERE photo_id = {self.photo['id']} AND step = 'write_back'"
        )
        return str(row[0]), str(row[1])

    def waits(self) -> bool:
        return bool(
            self.library.rows(
                f"SELECT 1 FROM write_back WHERE due_at IS NOT NULL AND photo_id = {self.photo['id']}"
            )
        )


@pytest.fixture
def home(quick_library: InProcessLibrary) -> Home:
    draw(quick_library.folder / "a.jpg", 3)
    write_tags(
        quick_library.folder / "a.jpg",
        EXIF_DateTimeOriginal="2020:01:02 03:04:05",
        XMP_Subject=["old", "theirs"],
        IPTC_Keywords="old",
        XMP_HierarchicalSubject="Places|old",
        XMP_Nickname="unknown to us",
    )
    with (quick_library.folder / "a.jpg").open("ab") as file:  # a motion photo
        file.write(b"\x00\x00\x30\x0a\x10\x00\x00\x00MotionPhoto_Data" + film(1, "mp4", seed=3))
    os.chmod(quick_library.folder / "a.jpg", 0o604)
    os.utime(quick_library.folder / "a.jpg", (10**9, 10**9))
    made = Home(quick_library, "MEDIA_FILE")
    quick_library.scan()
    return made


SAID = (
    "rating = 5, user_taken_local = '2023-07-01T14:05:09', user_position = '[38.71,-9.14]'",
    """captions = '{"user_caption":"Zwei\\nZeilen & ü"}', keywords = '["new","theirs"]', """
    """edits = '{"title":"Tram","copyright":"Ann","creator":"Ann B"}'""",
)


def test_all_that_a_person_says_stands_in_the_file_and_nothing_else_changes(home: Home) -> None:
    path = home.folder / "a.jpg"
    before, pixels = home.photo, Image.open(path).tobytes()
    home.say(*SAID)
    assert home.write() == {"photos": 1, "written": 1, "failed": 0}
    tags = tags_of(path)
    assert (tags["XMP-xmp:Rating"], tags["XMP-dc:Description"]) == (5, "Zwei\nZeilen & ü")
    assert (sorted(tags["XMP-dc:Subject"]), tags["XMP-dc:Title"]) == (["new", "theirs"], "Tram")
    assert "IPTC:Keywords" not in tags and "XMP-lr:HierarchicalSubject" not in tags
    assert (tags["IFD0:Copyright"], tags["XMP-dc:Creator"]) == ("Ann", ["Ann B"])
    assert (tags["Composite:GPSLatitude"], tags["Composite:GPSLongitude"]) == (38.71, -9.14)
    # What the camera wrote stays, and so does what we know nothing of.
    assert tags["ExifIFD:DateTimeOriginal"] == "2020:01:02 03:04:05"
    assert tags["XMP-photoshop:DateCreated"] == "2023:07:01 14:05:09"
    assert tags["XMP-xmp:Nickname"] == "unknown to us"
    assert Image.open(path).tobytes() == pixels and path.read_bytes().endswith(film(1, "mp4", seed=3))
    status = path.stat()
    assert (status.st_mode & 0o777, status.st_mtime) == (0o604, 10**9)
    after = home.photo
    assert (after["id"], after["image_hash"]) == (before["id"], before["image_hash"])
    assert after["content_hash"] != before["content_hash"] and after["size_bytes"] == status.st_size
    assert os.listdir(home.folder) == ["a.jpg"]
    # A rescan opens nothing, and nothing waits.
    assert home.opened() == 0 and not home.waits()
    assert home.step() == ("done", "")
    assert home.photo["thumbnail_version"] == before["thumbnail_version"]
    # Said again, nothing is opened for writing.
    home.say("")
    assert home.write() == {"photos": 1, "written": 0, "failed": 0}
    assert path.stat().st_ino == status.st_ino


def test_after_the_database_is_lost_a_scan_finds_it_all_in_the_file(
    home: Home, in_process_host: Host
) -> None:
    home.say(*SAID)
    home.write()
    other = InProcessLibrary(in_process_host)
    os.link(home.folder / "a.jpg", other.folder / "a.jpg")
    other.scan()
    again = Home(other, "OFF").photo
    assert (again["rating"], again["taken_local"]) == (5, "2023-07-01T14:05:09")
    assert (round(again["gps_lat"], 4), round(again["gps_lon"], 4)) == (38.71, -9.14)
    (words,) = other.rows(f"SELECT keywords, captions FROM photo_metadata WHERE photo_id = {again['id']}")
    assert json.loads(words[0]) == ["new", "theirs"]
    assert json.loads(words[1])["user_caption"] == "Zwei\nZeilen & ü"


def test_what_another_program_writes_later_is_followed_and_not_fought(home: Home) -> None:
    home.say(*SAID)
    home.write()
    write_tags(home.folder / "a.jpg", XMP_Rating=2, XMP_DateCreated="1999:01:01 00:00:00")
    assert home.opened() == 1
    assert home.photo["rating"] == 2
    # What a person said of the time stays over the file's, and the file's stays in the file.
    assert home.photo["taken_local"] == "2023-07-01T14:05:09"
    home.say("")
    assert home.write()["written"] == 0
    assert tags_of(home.folder / "a.jpg")["XMP-photoshop:DateCreated"] == "1999:01:01 00:00:00"
    # Saying it again is saying something.
    home.say("rating = 5")
    home.write()
    assert tags_of(home.folder / "a.jpg")["XMP-xmp:Rating"] == 5


def test_taking_back_a_time_and_a_position_restores_the_files_own(home: Home) -> None:
    home.say(*SAID)
    home.write()
    home.say("user_taken_local = NULL, user_position = NULL")
    home.write()
    tags = tags_of(home.folder / "a.jpg")
    assert "XMP-photoshop:DateCreated" not in tags and "Composite:GPSLatitude" not in tags
    assert home.photo["taken_local"] == "2020-01-02T03:04:05" and home.photo["gps_lat"] is None
    assert home.opened() == 0


def test_other_formats_take_it_too_under_whatever_name(quick_library: InProcessLibrary) -> None:
    paths = [quick_library.folder / name for name in ("a.png", "b.webp", "c.tif")]
    for number, path in enumerate(paths):
        draw(path, number)
        Image.open(path).save(path, format=("PNG", "WEBP", "TIFF")[number])
    paths[0] = paths[0].rename(quick_library.folder / "mis%d named\n.jpg")
    home = Home(quick_library, "MEDIA_FILE")
    quick_library.scan()
    pixels = [Image.open(path).tobytes() for path in paths]
    own = f"WHERE owner_id = {quick_library.user_id}"
    home.library.change(f"UPDATE photo SET rating = 3, user_position = '[-1.5,2.5]' {own}")
    home.want_all()
    assert home.write() == {"photos": 3, "written": 3, "failed": 0}
    assert sorted(os.listdir(home.folder)) == sorted(path.name for path in paths)
    assert [Image.open(path).tobytes() for path in paths] == pixels
    assert home.opened() == 0
    home.library.change(f"UPDATE photo SET rating = 0, user_position = NULL {own}")
    home.library.change("UPDATE photo_metadata SET from_file = NULL")
    home.library.scan(mode="full")
    found = home.library.rows(f"SELECT rating, gps_lat, gps_lon FROM photo {own}")
    assert [tuple(row) for row in found] == [(3, -1.5, 2.5)] * 3


def test_raw_files_films_and_heic_are_never_written_to_and_get_sidecars(
    quick_library: InProcessLibrary,
) -> None:
    raw, clip, heic = (quick_library.folder / name for name in ("a.nef", "b.mov", "c.heic"))
    draw_raw(raw, 5)
    clip.write_bytes(film(1))
    heic.write_bytes(write_heic(picture(7)))
    before = [path.read_bytes() for path in (raw, clip, heic)]
    home = Home(quick_library, "MEDIA_FILE")
    quick_library.scan()
    own = f"WHERE owner_id = {quick_library.user_id}"
    home.library.change(f"UPDATE photo SET rating = 4, user_taken_local = '2001-02-03T04:05:06' {own}")
    home.want_all()
    assert home.write() == {"photos": 3, "written": 3, "failed": 0}
    assert [path.read_bytes() for path in (raw, clip, heic)] == before
    assert sorted(os.listdir(home.folder)) == sorted(
        f"{path.name}{more}" for path in (raw, clip, heic) for more in ("", ".xmp")
    )
    for path in (raw, clip, heic):
        tags = tags_of(path.with_name(path.name + ".xmp"))
        assert (tags["XMP-xmp:Rating"], tags["XMP-photoshop:DateCreated"]) == (4, "2001:02:03 04:05:06")
    assert home.opened() == 0
    home.library.change("UPDATE photo_metadata SET from_file = NULL")
    home.library.change(f"UPDATE photo SET rating = 0, user_taken_local = NULL {own}")
    home.library.scan(mode="full")
    found = home.library.rows(f"SELECT rating, taken_local FROM photo {own}")
    assert [tuple(row) for row in found] == [(4, "2001-02-03T04:05:06")] * 3


FOREIGN = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:their="http://example.org/their/" '
    'xmlns:darktable="http://darktable.sf.net/" xmp:Rating="1" their:Mark="kept" darktable:xmp_version="5">'
    "<their:Steps><rdf:Seq><rdf:li>one</rdf:li><rdf:li>two</rdf:li></rdf:Seq></their:Steps>"
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def test_the_sidecar_of_another_program_is_amended_and_keeps_what_we_do_not_know(
    quick_library: InProcessLibrary,
) -> None:
    draw(quick_library.folder / "a.jpg", 6)
    sidecar = quick_library.folder / "a.xmp"
    sidecar.write_text(FOREIGN)
    home = Home(quick_library, "MEDIA_FILE")
    quick_library.scan()
    assert home.photo["rating"] == 1
    home.say("rating = 5")
    assert home.write()["written"] == 1
    text = sidecar.read_text()
    assert "kept" in text and "<rdf:li>two</rdf:li>" in text and "xmp_version" in text
    # It counts before the file, so both say it.
    assert tags_of(sidecar)["XMP-xmp:Rating"] == tags_of(home.folder / "a.jpg")["XMP-xmp:Rating"] == 5
    assert home.opened() == 0
    # Who wants sidecars gets it there alone.
    written = (home.folder / "a.jpg").read_bytes()
    home.set_mode("SIDECAR_FILE")
    home.say("rating = 2")
    assert home.write()["written"] == 1
    assert (home.folder / "a.jpg").read_bytes() == written
    assert tags_of(sidecar)["XMP-xmp:Rating"] == 2 and "kept" in sidecar.read_text()


def test_a_damaged_sidecar_is_left_as_it_is_and_the_reason_is_listed(quick_library: InProcessLibrary) -> None:
    draw(quick_library.folder / "a.jpg", 6)
    home = Home(quick_library, "SIDECAR_FILE")
    sidecar = quick_library.folder / "a.jpg.xmp"
    sidecar.write_text(FOREIGN[:300])
    quick_library.scan()
    home.say("rating = 2")
    assert home.write()["failed"] == 1
    assert sidecar.read_text() == FOREIGN[:300]
    assert home.step()[0] == "failed" and home.step()[1]
    assert os.listdir(home.folder) != [] and len(os.listdir(home.folder)) == 2


def test_where_nothing_may_be_written_it_is_kept_in_the_data_folder_and_read_again(home: Home) -> None:
    before = (home.folder / "a.jpg").read_bytes()
    home.folder.chmod(0o555)
    try:
        home.say(*SAID)
        assert home.write()["written"] == 1
        assert os.listdir(home.folder) == ["a.jpg"]
        assert (home.folder / "a.jpg").read_bytes() == before
        (kept,) = (home.library.host.data / "sidecars").rglob(f"*{home.library.user_id}.xmp")
        assert tags_of(kept)["XMP-xmp:Rating"] == 5
        assert home.opened() == 0
        # Everything is lost but the two folders.
        home.library.change(f"DELETE FROM photo WHERE owner_id = {home.library.user_id}")
        home.library.change(f"DELETE FROM file WHERE owner_id = {home.library.user_id}")
        home.library.scan()
        found = home.photo
        assert (found["rating"], found["taken_local"]) == (5, "2023-07-01T14:05:09")
        assert (round(found["gps_lat"], 4), round(found["gps_lon"], 4)) == (38.71, -9.14)
    finally:
        home.folder.chmod(0o755)
    # Where it may be written again, it is.
    home.say("rating = 2")
    assert home.write()["written"] == 1
    assert tags_of(home.folder / "a.jpg")["XMP-xmp:Rating"] == 2
    home.library.scan(mode="full")
    assert home.photo["rating"] == 2


def test_a_disk_that_is_mounted_read_only_is_no_obstacle(quick_library: InProcessLibrary) -> None:
    """The rights of the files would allow it, and whoever asks may be root: only the disk says no."""
    with small_disk(quick_library.folder / "disk", 40) as disk:
        draw(disk / "a.jpg", 8)
        (disk / "b.heic").write_bytes(write_heic(picture(9)))
        home = Home(quick_library, "MEDIA_FILE")
        quick_library.scan()
        before = {path.name: path.read_bytes() for path in disk.iterdir()}
        make_read_only(disk)
        own = f"WHERE owner_id = {quick_library.user_id}"
        home.library.change(f"UPDATE photo SET rating = 5 {own}")
        home.want_all()
        assert home.write() == {"photos": 2, "written": 2, "failed": 0}
        assert {path.name: path.read_bytes() for path in disk.iterdir()} == before
        kept = [*(home.library.host.data / "sidecars").rglob(f"*{quick_library.user_id}.xmp")]
        assert [tags_of(path)["XMP-xmp:Rating"] for path in kept] == [5, 5]
        assert home.opened() == 0
        home.library.change("UPDATE photo_metadata SET from_file = NULL")
        home.library.change(f"UPDATE photo SET rating = 0 {own}")
        home.library.scan(mode="full")
        assert [row[0] for row in home.library.rows(f"SELECT rating FROM photo {own}")] == [5, 5]


def test_a_disk_that_is_away_is_not_written_to_and_is_when_it_is_back(home: Home) -> None:
    away = home.folder.rename(home.folder.with_name(home.folder.name + " away"))
    home.folder.mkdir()
    home.say(*SAID)
    home.write()
    assert os.listdir(home.folder) == []
    assert home.waits()
    home.folder.rmdir()
    away.rename(home.folder)
    home.library.host.db.commit(write_back.want, [home.photo["id"]], at=0)
    home.write()
    assert tags_of(home.folder / "a.jpg")["XMP-xmp:Rating"] == 5
    assert home.opened() == 0 and not home.waits()


def test_a_full_disk_leaves_the_old_file_and_the_reason_is_listed(
    quick_library: InProcessLibrary, tmp_path: Path
) -> None:
    with small_disk(quick_library.folder / "disk", 40) as disk:
        draw(disk / "a.jpg", 8)
        home = Home(quick_library, "MEDIA_FILE")
        quick_library.scan()
        before = (disk / "a.jpg").read_bytes()
        ballast = fill(disk, but_bytes=0)
        home.say("rating = 5")
        assert home.write()["failed"] == 1
        assert home.step() == ("failed", "The disk of this file is full.")
        assert (disk / "a.jpg").read_bytes() == before and sorted(os.listdir(disk)) == ["a.jpg", "ballast"]
        ballast.unlink()
        # It is tried again by itself; sooner, when the owner asks.
        home.library.host.db.commit(retry_steps, home.library.user_id)
        home.library.change("UPDATE write_back SET due_at = 0")
        assert home.write()["written"] == 1
        assert home.step() == ("done", "") and tags_of(disk / "a.jpg")["XMP-xmp:Rating"] == 5


def test_the_name_of_a_face_becomes_a_region_where_the_face_is(quick_library: InProcessLibrary) -> None:
    path = quick_library.folder / "a.jpg"
    draw_face(path, orientation=6, name="")
    home = Home(quick_library, "MEDIA_FILE")
    quick_library.scan()
    photo_id = home.photo["id"]
    before = tags_of(path)["XMP-mwg-rs:RegionInfo"]
    home.library.change(
        "INSERT INTO person (owner_id, name, kind, modified_at) "
        f"VALUES ({quick_library.user_id}, 'Ann, the 1st', 'USER', 0)"
    )
    ((person,),) = home.library.rows(f"SELECT id FROM person WHERE owner_id = {quick_library.user_id}")
    home.library.change(f"UPDATE face SET person_id = {person} WHERE photo_id = {photo_id}")
    # One that a person drew, in the upper left corner as the picture is shown.
    home.library.change(
        "INSERT INTO face (photo_id, person_id, image, location_left, location_top, location_right, location_bottom) "
        f"VALUES ({photo_id}, {person}, 'x_9.jpg', 0, 0, 40, 30)"
    )
    home.say("")
    assert home.write()["written"] == 1
    known, drawn = tags_of(path)["XMP-mwg-rs:RegionInfo"]["RegionList"]
    assert known == {**before["RegionList"][0], "Name": "Ann, the 1st"}
    # In the stored picture, which is to be turned to the right, that is the lower left corner.
    assert (drawn["Area"]["X"], drawn["Area"]["Y"]) == pytest.approx((0.05, 0.95), abs=0.01)
    assert home.opened() == 0
    faces = home.library.rows(f"SELECT person_id, region_name FROM face WHERE photo_id = {photo_id}")
    assert [tuple(row) for row in faces] == [(person, "Ann, the 1st")] * 2
    home.say("")
    assert home.write()["written"] == 0


CHANGES_IT = """
if (!grep {{ $_ eq '-fast' }} @ARGV) {{ open(my $file, '>>', '{path}') or die; print $file 'x'; close $file; }}
exec 'perl', '{real}', @ARGV;
"""


def test_a_file_that_changes_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    """ExifTool's stand-in adds to the file when it is started for writing: between reading and swapping."""
    path = tmp_path / "a.jpg"
    draw(path, 2)
    command = locate_exiftool()
    assert command is not None
    script = tmp_path / "exiftool.pl"
    script.write_text(CHANGES_IT.format(path=path, real=command[-1]))
    before = path.read_bytes()
    raw = os.fsencode(path)
    request = WriteRequest(
        path=raw,
        known_path=raw,
        known=hashlib.md5(before).hexdigest() + "1",
        draft="write-1",
        wishes=Wishes(rating=4),
        reading=Request(path=raw, name_suffix="1", exiftool=str(script)),
        kept=os.fsencode(tmp_path / "kept"),
        into_file=True,
        sidecar=raw + b".xmp",
    )
    written = write(request)
    assert (written.reason, written.is_passing, written.places) == (CHANGED, True, [])
    assert path.read_bytes() == before + b"x"
    assert sorted(os.listdir(tmp_path)) == ["a.jpg", "exiftool.pl"]


def test_copies_of_a_file_are_written_alike_and_stay_copies(home: Home) -> None:
    shutil.copy2(home.folder / "a.jpg", home.folder / "b.jpg")
    home.library.scan()
    home.say(*SAID)
    assert home.write()["written"] == 1
    assert (home.folder / "a.jpg").read_bytes() == (home.folder / "b.jpg").read_bytes()
    assert home.opened() == 0
    (home.folder / "a.jpg").unlink()
    home.library.scan()
    assert home.photo["rating"] == 5


def test_asking_for_all_writes_what_is_stored_whatever_the_setting(home: Home) -> None:
    home.set_mode("OFF")
    home.say("rating = 5", 'captions = \'{"user_caption":"not asked for"}\'')
    assert home.write()["photos"] == 0
    assert home.write(types=["ratings"])["written"] == 1
    tags = tags_of(home.folder / "a.jpg")
    assert tags["XMP-xmp:Rating"] == 5 and "XMP-dc:Description" not in tags


def test_a_killed_worker_leaves_the_old_file_or_the_new_one_and_goes_on(
    idle_library: Library, worker: Worker
) -> None:
    """Changed through the API, written by the worker, which is killed as soon as a draft lies beside the file."""
    Image.effect_noise((1500, 1000), 80).convert("RGB").save(idle_library.folder / "a.jpg", quality=95)
    path = idle_library.folder / "a.jpg"
    pixels = hashlib.md5(Image.open(path).tobytes()).hexdigest()
    worker.start()
    idle_library.scan()
    photo = idle_library.photos()[0]
    with idle_library.instance.client(idle_library.owner.bearer) as client:
        address = f"/api/user/{idle_library.owner.user_id}/"
        assert client.patch(address, json={"save_metadata_to_disk": "MEDIA_FILE"}).status_code == 200
        client.post(
            "/api/photosedit/favorite", json={"image_hashes": [photo["image_hash"]], "favorite": True}
        )
        deadline = time.monotonic() + 100
        inode = path.stat().st_ino
        # Whoever is too slow to see the draft kills just after it.
        while not list(idle_library.folder.glob(".librephotos-*")) and path.stat().st_ino == inode:
            assert time.monotonic() < deadline, idle_library.log()
            time.sleep(0.002)
        worker.stop(signal.SIGKILL)
        # Children end with their parent, half a second later.
        time.sleep(1.0)
        assert hashlib.md5(Image.open(path).tobytes()).hexdigest() == pixels
        worker.start()
        while tags_of(path).get("XMP-xmp:Rating") != 4 or not is_settled(idle_library):
            assert time.monotonic() < deadline + 100, idle_library.log()
            time.sleep(0.2)
    assert os.listdir(idle_library.folder) == ["a.jpg"]
    assert hashlib.md5(Image.open(path).tobytes()).hexdigest() == pixels
    again = idle_library.photos()
    assert [each["uuid"] for each in again] == [photo["uuid"]]
    assert idle_library.scan()["result"]["new_or_changed"] == 0


def is_settled(library: Library) -> bool:
    """Tell whether nothing waits, nor any job runs."""
    waiting = library.rows("SELECT 1 FROM write_back WHERE due_at IS NOT NULL OR begun_at IS NOT NULL")
    return not waiting and not library.rows("SELECT 1 FROM job WHERE finished_at IS NULL")


def test_the_route_starts_a_job_and_says_what_it_does_not_know(client: httpx.Client) -> None:
    answer = client.post("/api/savemetadata", json={"types": "face_tags"})
    told = answer.json()
    assert answer.status_code == 200 and told.pop("job_id")
    assert told == {"status": True, "written": 0, "errors": 0}
    assert client.post("/api/savemetadata/", json={"types": ["ratings", "captions"]}).status_code == 200
    for wrong in ("everything", ["ratings", 3], [], None):
        refused = client.post("/api/savemetadata", json={"types": wrong})
        assert refused.status_code == 400
        assert {error["field"] for error in refused.json()["errors"]} == {"types"}
    refused = client.post("/api/savemetadata", json={"types": ["tags"]})
    assert refused.json()["errors"][0]["message"] == '"tags" is not a valid choice.'
