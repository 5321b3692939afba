"""One file through every step, and the ways it can fail in one of them."""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import subprocess
import sys
import time

import pytest
from PIL import Image

from librephotos.media.errors import NeedsTurn
from librephotos.media.pool import Pool
from librephotos.media.process import Outcome, Request, deadline_seconds, process_file, process_files


@pytest.fixture
def ask(tmp_path, exiftool_command):
    folder = os.fsencode(tmp_path / "derived")

    def make(path: bytes, **options) -> Request:
        return Request(path, render_to=folder, name_suffix="7", exiftool=exiftool_command[-1], **options)

    return make


def states(outcome: Outcome) -> tuple[str, str, str]:
    return outcome.read.state, outcome.pixels.state, outcome.metadata.state


def test_a_photo_yields_hashes_thumbnails_looks_and_facts(ask, stored, jpeg, tmp_path):
    outcome = process_file(ask(stored(b"a.jpg", jpeg)))
    md5 = hashlib.md5(jpeg).hexdigest()
    assert states(outcome) == ("done", "done", "done")
    assert outcome.fingerprint.md5 == md5 and outcome.thumbnail_name == md5 + "7"
    assert (tmp_path / "derived/square_thumbnails" / md5[:2] / f"{md5}7.webp").stat().st_size > 100
    assert outcome.looks.aspect_ratio == 1.33
    assert (outcome.facts.camera_model, outcome.facts.shutter_speed, outcome.facts.gps_lat) == (
        "Model X",
        "1/250",
        52.5,
    )
    assert outcome.facts.reader == "exiftool"


def test_broken_pixels_do_not_cost_the_metadata(ask, stored, jpeg):
    outcome = process_file(ask(stored(b"a.jpg", jpeg[: len(jpeg) // 2])))
    assert states(outcome) == ("done", "failed", "done")
    assert "cut short" in outcome.pixels.reason and outcome.facts.camera_model == "Model X"
    assert outcome.fingerprint and outcome.thumbnail_name is None


def test_what_is_no_media_is_not_hashed_and_says_what_it_is(ask, stored):
    outcome = process_file(ask(stored(b"a.jpg", b"%PDF-1.4 ...")))
    assert states(outcome) == ("not_applicable",) * 3
    assert outcome.format is None and outcome.fingerprint is None and "PDF" in outcome.read.reason


def test_a_video_has_hashes_metadata_and_facts(ask, sample_photos):
    outcome = process_file(ask(os.fsencode(sample_photos / "formats/video/with-gps.mov")))
    assert states(outcome) == ("done", "done", "done")
    assert outcome.video is not None and outcome.video.rotation == 90
    assert outcome.facts.tags["QuickTime:CreateDate"] == "2019:07:24 08:25:57"
    assert round(outcome.facts.video_seconds) == 4 and outcome.facts.gps_lat == 32.0929


def test_a_missing_file_fails_with_a_reason(ask, tmp_path):
    outcome = process_file(ask(os.fsencode(tmp_path / "gone.jpg")))
    assert states(outcome) == ("failed", "not_applicable", "not_applicable")
    assert outcome.read.reason == "The file cannot be read: no such file or directory."


def test_thumbnails_that_cannot_be_stored_fail_that_step_alone(stored, jpeg, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    outcome = process_file(Request(stored(b"a.jpg", jpeg), render_to=os.fsencode(blocked)))
    assert outcome.pixels.state == "failed" and "cannot be stored" in outcome.pixels.reason
    assert outcome.metadata.state == "done"


def test_only_what_is_asked_is_done(stored, jpeg):
    outcome = process_file(Request(stored(b"a.jpg", jpeg), read_metadata=False))
    assert states(outcome) == ("done", "not_applicable", "not_applicable") and outcome.fingerprint


def test_a_sidecar_overrides_and_the_earlier_one_wins(ask, stored, jpeg):
    def xmp(rating: int, extra: str = "") -> bytes:
        return (
            '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            '<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/" '
            f'xmp:Rating="{rating}" {extra}/></rdf:RDF></x:xmpmeta>'
        ).encode()

    sidecars = [
        stored(b"a.xmp", xmp(4)),
        stored(b"a.jpg.xmp", xmp(2, 'exif:GPSLatitude="10,30.0N" exif:GPSLongitude="3,15.0W"')),
        stored(b"bad.xmp", b"<x"),
    ]
    outcome = process_file(ask(stored(b"a.jpg", jpeg), sidecars=sidecars))
    assert outcome.facts.rating == 4
    assert (outcome.facts.gps_lat, outcome.facts.gps_lon) == (10.5, -3.25)


def test_tags_of_the_users_rules_are_handed_on(ask, stored, jpeg):
    outcome = process_file(
        ask(stored(b"a.jpg", jpeg), tags=["ExifIFD:DateTimeOriginal", "-if", "EXIF:FNumber"])
    )
    assert outcome.facts.tags["ExifIFD:DateTimeOriginal"] == "2023:07:01 14:05:09"
    assert outcome.facts.tags["EXIF:FNumber"] == "2.8"
    assert outcome.facts.tags["EXIF:OffsetTimeOriginal"] == "+02:00"


def test_the_pool_gives_back_an_outcome_for_every_file(ask, stored, encoded, jpeg):
    paths = [
        stored(b"%d.png" % number, encoded(Image.new("RGB", (50 + number, 50)), "PNG")) for number in range(8)
    ]
    paths += [stored(b"odd\n\xff.jpg", jpeg), stored(b"cut.jpg", jpeg[:900]), stored(b"none.txt", b"text")]
    with Pool(2) as pool:
        outcomes = {outcome.path: outcome for outcome in process_files(pool, map(ask, paths))}
    assert set(outcomes) == set(paths)
    assert all(states(outcomes[path]) == ("done", "done", "done") for path in paths[:9])
    assert outcomes[paths[9]].pixels.state == "failed"


def test_a_process_that_runs_out_of_memory_costs_the_file_that_asked_for_it(ask, stored, encoded, jpeg):
    large = stored(b"large.png", encoded(Image.new("RGB", (20000, 14000)), "PNG", compress_level=1))
    interlaced = stored(b"a.jpg", encoded(Image.new("RGB", (16000, 12000)), progressive=True, quality=40))
    good = stored(b"good.jpg", jpeg)
    with Pool(1, memory_bytes=400 * 1024**2) as pool:
        outcomes = {o.path: o for o in process_files(pool, map(ask, [good, interlaced, large, good]))}
    assert outcomes[interlaced].pixels.state == "failed" and outcomes[interlaced].pixels.reason
    assert outcomes[good].pixels.state == "done"


@pytest.fixture(scope="module")
def flat(encoded) -> bytes:
    """A picture of one colour with 270 MB of pixels, in a file of a megabyte."""
    return encoded(Image.new("RGB", (10_000, 9_000), (7, 7, 7)), "PNG", compress_level=1)


def test_a_large_picture_asks_for_its_turn_before_it_is_decoded(ask, stored, flat):
    request = ask(stored(b"large.png", flat), read_metadata=False)
    with pytest.raises(NeedsTurn):
        process_file(request, is_alone=False)
    assert process_file(request).pixels.state == "done"


def test_large_pictures_are_decoded_one_at_a_time_by_the_processes_of_a_pool(ask, stored, jpeg, flat):
    large = [stored(b"%d.png" % number, flat + bytes(number)) for number in range(4)]
    small = [stored(b"%d.jpg" % number, jpeg + bytes(number)) for number in range(8)]
    with Pool(2) as pool:
        ended = {}
        for outcome in process_files(pool, map(ask, [*large, *small])):
            ended[outcome.path] = (time.time(), outcome)
    assert all(outcome.pixels.state == "done" for _, outcome in ended.values())
    assert set(ended) == {*large, *small}
    # The large ones came first and end last: the small ones went on while those waited for each other.
    moments = sorted(ended[path][0] for path in large)
    assert max(ended[path][0] for path in small) < moments[-1]
    assert all(
        later - earlier > 0.8 * min(ended[path][1].pixels.seconds for path in large)
        for earlier, later in itertools.pairwise(moments)
    )


def test_without_exiftool_pillow_reads_and_says_so(stored, jpeg, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    if shutil.which("perl"):
        pytest.skip("Perl is everywhere")
    with Pool(1) as pool:
        (outcome,) = process_files(pool, [Request(stored(b"a.jpg", jpeg))])
    assert outcome.facts.reader == "pillow" and outcome.facts.camera_model == "Model X"


def test_only_the_processes_that_decode_load_decoders():
    program = (
        "import sys; import librephotos.app, librephotos.pipeline, librephotos.jobs.worker, librephotos.media.process\n"
        "print(sorted({'pyvips', 'pi_heif', 'pylibjxl', 'rawpy', 'av'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_large_files_get_more_time():
    assert deadline_seconds(Request(b"/a", size_bytes=20 * 1024**3)) > 5000
