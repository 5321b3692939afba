"""ExifTool kept open, and names that try to be options."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from librephotos.media.errors import UnreadableMetadata
from librephotos.media.exiftool import ExifTool, is_tag_name, locate_exiftool

WANTED = ["EXIF:DateTimeOriginal", "EXIF:Model", "Composite:GPSLatitude", "ImageWidth"]
HOSTILE = [
    b"new\nline.jpg",
    b"a\n-if\nsystem('touch PWNED')\n.jpg",
    b"a\n-o\nPWNED\n.jpg",
    b"a\r-execute\r.jpg",
    b"-if.jpg",
    b"-@ args.jpg",
    b"--.jpg",
    b"#comment.jpg",
    b"#[CSTR]\\n.jpg",
    b"quote'\".jpg",
    b"$(touch PWNED)`touch PWNED`.jpg",
    b"touch PWNED|",
    b"|touch PWNED",
    b"> PWNED",
    b"< PWNED",
    b"space .jpg ",
    b" space.jpg",
    b"*?[a].jpg",
    b"%d%f.jpg",
    b"back\\slash.jpg",
    b"latin-\xe9\xff.jpg",
    b"\xe2\x80\xa8separator.jpg",
    b"\xe2\x80\xaeoverride.jpg",
    b"tab\t.jpg",
    b"\x01\x1b[31m.jpg",
    b"x" * 251 + b".jpg",
    "ünïcode-日本-😀.jpg".encode(),
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_a_name(exiftool: ExifTool, stored, jpeg, tmp_path: Path, name):
    path = stored(name, jpeg)
    before = {entry: os.stat(entry) for entry in os.scandir(os.fsencode(tmp_path))}
    found = exiftool.read(path, WANTED)
    assert found["EXIF:Model"] == "Model X" and found["EXIF:DateTimeOriginal"] == "2023:07:01 14:05:09"
    assert os.listdir(os.fsencode(tmp_path)) == [name]
    assert not os.path.exists("/PWNED")
    for entry, was in before.items():
        assert (os.stat(entry).st_size, os.stat(entry).st_mtime_ns) == (was.st_size, was.st_mtime_ns)
    with open(path, "rb") as file:
        assert file.read() == jpeg
    plain = exiftool.read(stored(b"plain.jpg", jpeg), WANTED)
    assert {key: plain[key] for key in WANTED} == {key: found[key] for key in WANTED}


def test_a_hostile_name_reads_no_other_file(exiftool: ExifTool, stored, jpeg):
    secret = stored(b"secret.jpg", jpeg)
    decoy = stored(b"decoy\n" + secret.replace(b"/", b"_"), b"\xff\xd8\xff\xd9")
    assert "EXIF:Model" not in exiftool.read(decoy, WANTED)


@pytest.mark.parametrize(
    "name",
    [
        "-if",
        "EXIF:Model\n-if",
        "a b",
        "EXIF:*",
        "",
        ":x",
        "x<y",
        "x=y",
        "Model#",
        "Ä",
        "EXIF:Model\n",
        "x" * 101,
        "@",
    ],
)
def test_what_is_no_tag_name_never_reaches_exiftool(exiftool: ExifTool, stored, jpeg, name):
    assert not is_tag_name(name)
    assert exiftool.read(stored(b"a.jpg", jpeg), [name, "EXIF:Model"]).get(name) is None


def test_paths_must_be_absolute(exiftool: ExifTool):
    with pytest.raises(ValueError, match="absolute"):
        exiftool.read(b"a.jpg", WANTED)


def test_a_missing_or_shapeless_file_has_a_reason(exiftool: ExifTool, stored, tmp_path):
    with pytest.raises(UnreadableMetadata):
        exiftool.read(os.fsencode(tmp_path / "missing.jpg"), WANTED)
    with pytest.raises(UnreadableMetadata):
        exiftool.read(stored(b"noise.jpg", bytes(range(256)) * 8), WANTED)


def test_one_process_reads_many_files(exiftool: ExifTool, stored, jpeg):
    path = stored(b"a.jpg", jpeg)
    first = exiftool.read(path, WANTED)
    process = exiftool._process
    assert all(exiftool.read(path, WANTED) == first for _ in range(20))
    assert exiftool._process is process


def test_numbers_keep_their_text_and_positions_their_sign(exiftool: ExifTool, stored, jpeg):
    found = exiftool.read(stored(b"a.jpg", jpeg), ["EXIF:FNumber", "Composite:GPSLongitude", "ImageWidth"])
    assert (found["EXIF:FNumber"], found["Composite:GPSLongitude"]) == ("2.8", "-13.25")
    assert found["ImageWidth"] == "400"


def test_a_tag_may_be_named_by_family_one_or_without_group(exiftool: ExifTool, stored, jpeg):
    found = exiftool.read(stored(b"a.jpg", jpeg), ["ExifIFD:DateTimeOriginal", "Model"])
    assert found["ExifIFD:DateTimeOriginal"] == "2023:07:01 14:05:09" and found["Model"] == "Model X"


def fake_exiftool(tmp_path: Path, body: str) -> list[str]:
    script = tmp_path / "fake"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return [str(script)]


def test_an_exiftool_that_hangs_is_killed_and_the_next_file_gets_a_new_one(tmp_path, stored, jpeg):
    path = stored(b"a.jpg", jpeg)
    with ExifTool(fake_exiftool(tmp_path, "exec sleep 60"), timeout_seconds=0.3) as slow:
        for _ in range(2):
            with pytest.raises(UnreadableMetadata, match=r"longer than 0\.3 seconds"):
                slow.read(path, WANTED)
            assert slow._process is None


def test_an_exiftool_that_dies_or_is_not_there_is_a_reason(tmp_path, stored, jpeg):
    path = stored(b"a.jpg", jpeg)
    for command in (fake_exiftool(tmp_path, "exit 3"), [str(tmp_path / "none")]):
        with ExifTool(command, timeout_seconds=5) as broken, pytest.raises(UnreadableMetadata):
            broken.read(path, WANTED)


def test_an_answer_that_is_not_json_is_a_reason(tmp_path, stored, jpeg):
    body = 'while read line; do case "$line" in -execute*) echo "nonsense"; echo "{ready${line#-execute}}";; esac; done'
    with ExifTool(fake_exiftool(tmp_path, body), timeout_seconds=5) as odd, pytest.raises(UnreadableMetadata):
        odd.read(stored(b"a.jpg", jpeg), WANTED)


def test_the_configured_script_is_taken_first(tmp_path, monkeypatch):
    script, packaged = tmp_path / "mine", tmp_path / "packaged"
    script.write_text("")
    packaged.write_text("")
    assert locate_exiftool(str(script), packaged=packaged)[-1] == str(script)
    assert locate_exiftool(None, packaged=packaged)[-1] == str(packaged)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert locate_exiftool(None, packaged=tmp_path / "none") is None


def test_links_are_removed_at_the_end(exiftool_command, stored, jpeg):
    with ExifTool(exiftool_command) as opened:
        opened.read(stored(b"a\nb.jpg", jpeg), WANTED)
        folder = opened._links
        assert folder and os.listdir(folder) == []
    assert not os.path.exists(folder)


def test_real_dates_and_ratings_are_read(exiftool: ExifTool, sample_photos):
    def read(name: str, *tags: str):
        return exiftool.read(os.fsencode(sample_photos / name), tags)

    assert read("metadata/rating/mongolels.jpg", "Rating")["Rating"] == "3"
    assert (
        read("formats/video/with-gps.mov", "QuickTime:CreateDate")["QuickTime:CreateDate"]
        == "2019:07:24 08:25:57"
    )
    assert (
        read("metadata/gps-position/empty_gps.jpg", "Composite:GPSLatitude").get("Composite:GPSLatitude", "")
        == ""
    )
