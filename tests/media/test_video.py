"""Videos: what they are, a poster that is upright, two short clips, and what hostile ones cost."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from librephotos.media.errors import NeedsTurn
from librephotos.media.pool import Pool
from librephotos.media.process import (
    BASE_SECONDS,
    Outcome,
    Request,
    deadline_seconds,
    process_file,
    process_files,
)
from librephotos.media.thumbnails import BIG, SMALL, SQUARE, clip_path, thumbnail_path
from librephotos.media.video.containers import open_video
from librephotos.media.video.tone_mapping import tone_map
from tests.videos import CONTAINERS, CORNERS, TURNED, cornered, make_video, plain, sound_only, turned

Read = Callable[..., Outcome]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Process bytes under a name; derived files are called `v`."""

    def process(data: bytes, name: str = "a.mp4", **options: object) -> Outcome:
        path = tmp_path / name
        path.write_bytes(data)
        made = Request(
            path=os.fsencode(path),
            render_to=os.fsencode(tmp_path / "derived"),
            thumbnail_name="v",
            read_metadata=False,
            **options,
        )
        return process_file(made)

    return process


@pytest.fixture
def poster(tmp_path: Path) -> Callable[[], Image.Image]:
    def load() -> Image.Image:
        path = thumbnail_path(os.fsencode(tmp_path / "derived"), BIG, "v")
        return Image.open(io.BytesIO(Path(os.fsdecode(path)).read_bytes())).convert("RGB")

    return load


@pytest.fixture
def clip(tmp_path: Path) -> Callable[..., bytes]:
    def load(size=SQUARE) -> bytes:
        return Path(os.fsdecode(clip_path(os.fsencode(tmp_path / "derived"), size, "v"))).read_bytes()

    return load


def corner_colours(image: Image.Image) -> list[tuple[int, ...]]:
    width, height = image.size
    places = [(x, y) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]
    return [image.getpixel(place) for place in places]


def is_near(found, wanted, within: int = 40) -> bool:
    return all(abs(a - b) <= within for a, b in zip(np.ravel(found), np.ravel(wanted), strict=True))


@pytest.mark.parametrize("extension", CONTAINERS)
def test_every_container_yields_a_poster_two_silent_clips_and_facts(read, poster, clip, extension):
    outcome = read(make_video(extension), f"a.{extension}")
    assert outcome.pixels.state == "done", outcome.pixels.reason
    assert outcome.format.kind == "video" and outcome.looks.aspect_ratio == 1.5
    assert (outcome.video.width, outcome.video.height, outcome.video.rotation) == (96, 64, 0)
    assert outcome.video.duration_seconds == pytest.approx(1.0, abs=1.0)
    assert is_near(corner_colours(poster()), CORNERS)
    for size in (SQUARE, SMALL):
        data = clip(size)
        assert data[4:8] == b"ftyp" and data.index(b"moov") < data.index(b"mdat")
        with av.open(io.BytesIO(data)) as container:
            stream = container.streams.video[0]
            assert [each.type for each in container.streams] == ["video"]
            assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
            assert is_near(corner_colours(next(container.decode(stream)).to_image()), CORNERS)


@pytest.mark.parametrize(("degrees", "order"), [(90, (2, 0, 3, 1)), (180, (3, 2, 1, 0)), (270, (1, 3, 0, 2))])
def test_a_turned_video_is_upright_everywhere(read, poster, clip, degrees, order):
    outcome = read(turned(make_video(), TURNED[degrees]))
    shown = [CORNERS[place] for place in order]
    assert outcome.video.rotation == degrees
    assert (outcome.video.width, outcome.video.height) == (96, 64)
    assert is_near(corner_colours(poster()), shown)
    assert poster().size == ((96, 64) if degrees == 180 else (64, 96))
    with av.open(io.BytesIO(clip())) as container:
        assert is_near(corner_colours(next(container.decode(video=0)).to_image()), shown)


def test_a_mirrored_video_is_mirrored_back(read, poster):
    read(turned(make_video(), (-1, 0, 0, 1)))
    assert is_near(corner_colours(poster()), [CORNERS[place] for place in (1, 0, 3, 2)])
    read(turned(make_video(), (0, 1, 1, 0)))
    assert is_near(corner_colours(poster()), [CORNERS[place] for place in (0, 2, 1, 3)])


def test_wide_pixels_make_a_wide_poster(read, poster, clip):
    outcome = read(make_video(aspect=Fraction(2)))
    assert (outcome.looks.width, outcome.looks.height, poster().size) == (192, 64, (192, 64))
    with av.open(io.BytesIO(clip())) as container:
        assert container.streams.video[0].width == 192


@pytest.mark.parametrize(("number", "name"), [(16, "smpte2084"), (18, "arib-std-b67")])
def test_hdr_is_told_and_shown_in_the_colours_of_every_screen(read, poster, clip, number, name):
    grey = [plain((shade, shade, shade)) for shade in (148,) * 5]
    outcome = read(make_video(pictures=grey, pixel_format="yuv420p10le", colour=(9, number, 9)))
    assert (outcome.video.transfer, outcome.video.is_hdr) == (name, True)
    mapped = poster().getpixel((10, 10))
    # Diffuse white of PQ (58 %) becomes nearly white; the same code of HLG lies below its white (75 %).
    assert (min(mapped) > 215) if number == 16 else (140 < min(mapped) < 200)
    assert max(mapped) - min(mapped) <= 6
    with av.open(io.BytesIO(clip())) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.color_trc == 1
        assert is_near(next(container.decode(stream)).to_image().getpixel((10, 10)), mapped, 8)


def test_highlights_keep_their_differences_and_colours_their_hue():
    codes = np.array([[0.58] * 3, [0.65] * 3, [0.75] * 3, [0.9] * 3, [0.6, 0.35, 0.35]])
    mapped = tone_map(codes, "smpte2084")
    assert all(np.diff(mapped[:4, 0]) > 0.01) and mapped[3, 0] <= 1.0
    assert mapped[4, 0] > 0.9 and mapped[4, 1] < 0.1 and mapped[4, 2] < 0.4
    assert np.allclose(tone_map(np.zeros((1, 3)), "arib-std-b67"), 0, atol=1e-3)


def test_ordinary_videos_are_not_hdr(read):
    assert read(make_video()).video.is_hdr is False


def test_interlaced_pictures_are_made_whole(read, poster, clip):
    """Even lines of one moment, odd ones of the next, light and dark in turn: without care a comb."""
    pictures = []
    for place in range(6):
        comb = plain((200, 200, 200) if place % 2 else (60, 60, 60))
        comb[1::2] = 60 if place % 2 else 200
        pictures.append(comb)
    options = {"flags": "+ildct+ilme", "x264-params": "tff=1", "crf": "1"}
    read(make_video(pictures=pictures, coding=options))
    with av.open(io.BytesIO(clip())) as container:
        shown = [poster(), list(container.decode(video=0))[2].to_image()]
    for image in shown:
        grey = np.asarray(image.convert("L"), dtype=float)[16:-16]
        assert np.abs(np.diff(grey, axis=0)).mean() < 20


def test_a_poster_shows_something_if_the_first_second_does(read, poster):
    black, white = [plain((0, 0, 0))] * 4, [plain((255, 255, 255))] * 3
    read(make_video(pictures=[*black, *white, *[cornered()] * 6]))
    assert is_near(corner_colours(poster()), CORNERS)
    read(make_video(pictures=[*black * 4, *[cornered()] * 6]))
    assert is_near(corner_colours(poster()), [(0, 0, 0)] * 4)


def test_clips_end_after_five_seconds_and_are_no_larger_than_their_kinds(read, clip):
    read(make_video(pictures=[cornered(1280, 720)] * 14, rate=2))
    for size, height in ((SQUARE, 500), (SMALL, 250)):
        with av.open(io.BytesIO(clip(size))) as container:
            stream = container.streams.video[0]
            assert stream.height == height and stream.width % 2 == 0
            assert len(list(container.decode(stream))) == 10


def test_fast_pictures_are_thinned_to_thirty_a_second(read, clip):
    read(make_video(pictures=[cornered()] * 60, rate=120))
    with av.open(io.BytesIO(clip())) as container:
        assert 14 <= len(list(container.decode(video=0))) <= 16


@pytest.mark.parametrize(
    ("options", "codecs"),
    [
        ({"with_sound": True}, 'video/mp4; codecs="avc1.42C00A, mp4a.40.2"'),
        ({"codec": "libx265"}, 'video/mp4; codecs="hev1.1.6.L30.90"'),
        ({"codec": "mpeg4"}, 'video/mp4; codecs="mp4v.20.9"'),
        ({"extension": "webm"}, 'video/webm; codecs="vp8"'),
        ({"extension": "webm", "codec": "libvpx-vp9"}, 'video/webm; codecs="vp09.00.10.08"'),
        ({"extension": "mts"}, 'video/mp2t; codecs="avc1.42C00A"'),
        ({"extension": "wmv"}, None),
    ],
)
def test_the_playback_type_names_the_codecs(read, options, codecs):
    found = read(make_video(**options), f"a.{options.get('extension', 'mp4')}").video.playback_type
    assert found == codecs


def test_a_file_without_a_told_duration_is_walked_to_its_end(read):
    # As browsers record: written to a stream, so that nothing can be filled in afterwards.
    data = make_video("webm", options={"live": "1"})
    assert read(data, "a.webm").video.duration_seconds == pytest.approx(1.0, abs=0.11)


def test_a_large_file_is_read_through_its_descriptor(read, poster, monkeypatch):
    monkeypatch.setattr(
        "librephotos.media.hashing.read_file.__kwdefaults__", {"keep_bytes": 10, "head_bytes": 4096}
    )
    assert read(make_video()).pixels.state == "done"
    assert is_near(corner_colours(poster()), CORNERS)


def test_derived_files_carry_nothing_of_the_original(read, clip, tmp_path):
    secret = "51.5007-000.1246/"
    data = make_video("mov", metadata={"location": f"+{secret}", "comment": "PLANTED", "artist": "PLANTED"})
    assert b"PLANTED" in data
    read(data, "a.mov")
    for derived in (tmp_path / "derived").rglob("*.*"):
        assert b"PLANTED" not in derived.read_bytes() and secret.encode() not in derived.read_bytes()


def broken(kind: str) -> bytes:
    whole = make_video(with_sound=True)
    if kind == "cut":
        return whole[: len(whole) // 3]
    if kind == "without index":
        return whole.replace(b"stco", b"free").replace(b"stsz", b"free")
    if kind == "zeroed pictures":
        start = whole.index(b"mdat") + 4
        return whole[:start] + bytes(whole.index(b"moov") - 4 - start) + whole[whole.index(b"moov") - 4 :]
    if kind == "playlist":
        return b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"
    assert kind == "playlist in a box"
    return whole[:32] + b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"


@pytest.mark.parametrize("kind", ["cut", "without index", "zeroed pictures", "playlist in a box"])
def test_a_broken_video_fails_with_a_reason_and_leaves_nothing(read, tmp_path, kind):
    outcome = read(broken(kind))
    assert (outcome.pixels.state, outcome.looks) == ("failed", None)
    assert outcome.pixels.reason and "/" not in outcome.pixels.reason
    assert not list((tmp_path / "derived").rglob("*.*4")) and not list((tmp_path / "derived").rglob("*part*"))


def test_sound_alone_is_no_video(read):
    assert read(sound_only()).pixels.reason == "There is only sound in this file, which is not a video."


def test_a_playlist_that_calls_itself_a_video_is_no_media(read):
    assert read(broken("playlist")).format is None


def test_no_playlist_opens_another_file(tmp_path):
    """Even where FFmpeg itself would follow: the demuxer is given, and no name leads anywhere."""
    other = tmp_path / "other.mp4"
    other.write_bytes(make_video())
    playlists = [
        f"ffconcat version 1.0\nfile {other}\n".encode(),
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{other}\n#EXT-X-ENDLIST\n".encode(),
    ]
    for text in playlists:
        for demuxer in ("mov", "matroska", "avi", "mpegts", "mpeg", "asf", "flv", "ogg"):
            try:
                with open_video(text, demuxer, most_pixels=10**6) as container:
                    assert not list(container.decode())
            except Exception as error:
                assert (
                    "damaged" in str(error) or "cut short" in str(error) or isinstance(error, av.FFmpegError)
                )


def test_a_giant_is_refused_before_it_is_decoded(read):
    small = read(make_video(), decode_bytes=96 * 64 * 3)
    assert small.pixels.reason.startswith("The video is too large: 96 by 64 pixels")


def test_a_large_video_waits_for_its_turn(tmp_path):
    (tmp_path / "a.mp4").write_bytes(make_video(pictures=[plain((90, 90, 90), 5_000, 3_000)]))
    request = Request(
        path=os.fsencode(tmp_path / "a.mp4"), render_to=os.fsencode(tmp_path), read_metadata=False
    )
    with pytest.raises(NeedsTurn):
        process_file(request, is_alone=False)
    with Pool(1) as pool:
        (outcome,) = process_files(pool, [request])
    assert outcome.pixels.state == "done"


def test_a_video_that_never_gets_on_ends_by_its_work_not_by_its_clock(read, monkeypatch):
    monkeypatch.setattr("librephotos.media.video.rendering.WORK_SECONDS", 0.0)
    assert read(make_video()).pixels.state == "done"


def test_one_tiny_picture_is_a_video_too(read, clip, poster):
    assert read(make_video(pictures=[cornered(2, 2)])).pixels.state == "done"
    assert poster().size == (2, 2) and clip()


def test_videos_can_be_switched_off(read):
    outcome = read(make_video(), reads_videos=False)
    assert outcome.pixels.state == "not_applicable" and "switched off" in outcome.pixels.reason


def test_videos_have_a_longer_deadline():
    assert (
        deadline_seconds(Request(path=b"/a/b.MOV"))
        > deadline_seconds(Request(path=b"/a/b.jpg"))
        == BASE_SECONDS
    )


def test_hostile_and_good_videos_side_by_side_in_the_pool(tmp_path):
    kinds = ["cut", "playlist in a box", "zeroed pictures"]
    for kind in kinds:
        (tmp_path / f"{kind}.mp4").write_bytes(broken(kind))
    (tmp_path / "good.mp4").write_bytes(make_video())
    (tmp_path / "na\nme \udcff.mp4").write_bytes(make_video(rate=5))
    requests = [
        Request(
            path=os.fsencode(path),
            render_to=os.fsencode(tmp_path / "d"),
            name_suffix="1",
            read_metadata=False,
        )
        for path in sorted(tmp_path.glob("*.mp4"))
    ]
    with Pool(1) as pool:
        states = {os.fsdecode(each.path): each.pixels.state for each in process_files(pool, requests)}
    assert sorted(states.values()) == ["done", "done", "failed", "failed", "failed"]


def test_real_videos(read, poster, sample_photos):
    expected = {
        "bikes.mp4": (10.0, 640, 272, 0),
        "sample_mpeg4.mp4": (4.967, 190, 240, 0),
        "with-gps.mov": (4.002, 568, 320, 90),
        "with-gps.mp4": (0.171, 1920, 1080, 0),
    }
    for name, (seconds, width, height, rotation) in expected.items():
        outcome = read((sample_photos / "formats" / "video" / name).read_bytes(), name)
        found = outcome.video
        assert outcome.pixels.state == "done"
        assert (found.duration_seconds, found.width, found.height, found.rotation) == (
            seconds,
            width,
            height,
            rotation,
        )
        assert poster().size == ((height, width) if rotation else (width, height))
