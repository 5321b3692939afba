"""What people say of photos, written into real files by the real ExifTool, and what a scan makes of them afterwards."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from librephotos.kit import json
from librephotos.library.jobs.write_back import write_back_metadata
from librephotos.library.queries import write_back
from librephotos.media.exiftool import locate_exiftool
from tests.library.in_process import Host, InProcessLibrary
from tests.library.pictures import write_tags
from tests.library.scanning import draw

LATER = 10**17


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
        library.change(
            f"UPDATE \"user\" SET save_metadata_to_disk = '{mode}', save_face_tags_to_disk = true "
            f"WHERE id = {library.user_id}"
        )

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
        "-EXIF:DateTimeOriginal=2020:01:02 03:04:05",
        "-XMP-dc:Subject=old",
        "-XMP-dc:Subject=theirs",
        "-IPTC:Keywords=old",
        "-XMP-lr:HierarchicalSubject=Places|old",
        "-XMP-xmp:Nickname=unknown to us",
    )
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
    assert (tags["IFD0:Copyright"], tags["XMP-dc:Creator"]) == ("Ann", "Ann B")
    assert (tags["Composite:GPSLatitude"], tags["Composite:GPSLongitude"]) == (38.71, -9.14)
    # What the camera wrote stays, and so does what we know nothing of.
    assert tags["ExifIFD:DateTimeOriginal"] == "2020:01:02 03:04:05"
    assert tags["XMP-photoshop:DateCreated"] == "2023:07:01 14:05:09"
    assert tags["XMP-xmp:Nickname"] == "unknown to us"
    assert Image.open(path).tobytes() == pixels
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
    write_tags(home.folder / "a.jpg", "-XMP-xmp:Rating=2", "-XMP-photoshop:DateCreated=1999:01:01 00:00:00")
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
