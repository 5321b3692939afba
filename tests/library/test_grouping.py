"""Which files of one name are one photo."""

import itertools

import pytest

from librephotos.library.file_kinds import IMAGE, RAW, VIDEO
from librephotos.library.grouping import Member, group_files, have_one_stem, stem_key

KINDS = {"jpg": IMAGE, "heic": IMAGE, "png": IMAGE, "cr2": RAW, "dng": RAW, "mov": VIDEO, "mp4": VIDEO}
LOOK, OTHER_LOOK = "00ff00ff00ff00ff", "ff00ff00ff00ff00"


def member(name: str, **facts: object) -> Member:
    number = sum(ord(letter) * 31**place for place, letter in enumerate(name))
    return Member(number, b"/p/" + name.encode(), KINDS[name.rsplit(".", maxsplit=1)[-1].lower()], **facts)  # type: ignore[arg-type]


def grouped(*members: Member, stack_raw_jpeg: bool = True) -> list[list[str]]:
    """Group in every order of arrival, which must not matter; return the names."""
    answers = [group_files(order, stack_raw_jpeg=stack_raw_jpeg) for order in itertools.permutations(members)]
    assert all(answer == answers[0] for answer in answers)
    return [[each.path.decode().removeprefix("/p/") for each in group] for group in answers[0]]


def test_a_raw_file_belongs_to_its_jpeg_which_is_shown() -> None:
    assert grouped(member("a.CR2"), member("a.jpg")) == [["a.jpg", "a.CR2"]]


def test_an_owner_may_keep_raw_files_apart() -> None:
    assert grouped(member("a.CR2"), member("a.jpg"), stack_raw_jpeg=False) == [["a.jpg"], ["a.CR2"]]


def test_a_raw_file_and_its_conversion_are_one_photo() -> None:
    assert grouped(member("a.CR2"), member("a.dng")) == [["a.CR2", "a.dng"]]


def test_pictures_of_two_formats_are_one_photo_when_they_look_the_same() -> None:
    looks = {"aspect_ratio": 1.5, "perceptual_hash": LOOK}
    near = {"aspect_ratio": 1.51, "perceptual_hash": "00ff00ff00ff00f0"}
    assert grouped(member("a.jpg", **looks), member("a.heic", **near)) == [["a.heic", "a.jpg"]]
    other = {"aspect_ratio": 1.5, "perceptual_hash": OTHER_LOOK}
    assert grouped(member("a.jpg", **looks), member("a.png", **other)) == [["a.jpg"], ["a.png"]]
    cropped = {"aspect_ratio": 1.0, "perceptual_hash": LOOK}
    assert grouped(member("a.jpg", **looks), member("a.png", **cropped)) == [["a.jpg"], ["a.png"]]


def test_a_raw_file_chooses_the_picture_that_it_looks_like() -> None:
    one = {"aspect_ratio": 1.5, "perceptual_hash": LOOK}
    other = {"aspect_ratio": 1.5, "perceptual_hash": OTHER_LOOK}
    assert grouped(member("a.jpg", **one), member("a.png", **other), member("a.cr2", **other)) == [
        ["a.jpg"],
        ["a.png", "a.cr2"],
    ]
    assert grouped(member("a.jpg", **one), member("a.png", **other), member("a.cr2")) == [
        ["a.jpg", "a.cr2"],
        ["a.png"],
    ]


def test_what_is_with_a_picture_already_stays_with_it_rather_than_make_one_photo_of_two() -> None:
    one, other = member("a.jpg"), member("a.png", photo_id=7)
    for late in (member("a.cr2", photo_id=7), member("a.mov", photo_id=7, video_seconds=3.0)):
        assert grouped(one, other, late) == [["a.jpg"], ["a.png", late.path.decode().removeprefix("/p/")]]


@pytest.mark.parametrize(
    ("seconds", "is_pair"), [(1.0, True), (3.2, True), (6.0, True), (6.5, False), (1200.0, False)]
)
def test_a_video_as_short_as_a_live_photo_belongs_to_the_still(seconds: float, is_pair: bool) -> None:
    found = grouped(member("a.heic"), member("a.mov", video_seconds=seconds))
    assert found == ([["a.heic", "a.mov"]] if is_pair else [["a.heic"], ["a.mov"]])


def test_a_video_of_unknown_length_stays_alone_without_an_identifier() -> None:
    assert grouped(member("a.heic"), member("a.mov")) == [["a.heic"], ["a.mov"]]


def test_the_identifier_of_a_live_photo_decides_where_both_have_it() -> None:
    still = member("a.heic", content_id="one")
    assert grouped(still, member("a.mov", content_id="one")) == [["a.heic", "a.mov"]]
    stranger = member("a.mov", content_id="two", video_seconds=2.0)
    assert grouped(still, stranger) == [["a.heic"], ["a.mov"]]
    assert grouped(still, member("a.mov", video_seconds=2.0)) == [["a.heic", "a.mov"]]


def test_raw_jpeg_and_clip_are_one_photo() -> None:
    found = grouped(member("a.dng"), member("a.jpg"), member("a.mov", video_seconds=2.0))
    assert found == [["a.jpg", "a.mov", "a.dng"]]


def test_a_raw_file_alone_makes_no_live_photo() -> None:
    assert grouped(member("a.dng"), member("a.mov", video_seconds=2.0)) == [["a.dng"], ["a.mov"]]


def test_stems_are_compared_in_any_case_and_within_a_folder() -> None:
    assert stem_key(b"/p/IMG_1.JPG") == stem_key(b"/p/img_1.cr2")
    assert have_one_stem(b"/p/IMG_1.JPG", b"/p/img_1.cr2")
    for other in (b"/q/IMG_1.JPG", b"/p/IMG_2.JPG", b"/P/IMG_1.JPG", b"/p/IMG_E1.JPG"):
        assert stem_key(other) != stem_key(b"/p/IMG_1.JPG")
    assert stem_key(b"/p/\xff\xe9.jpg") == stem_key(b"/p/\xff\xe9.mov")
    assert -(2**63) <= stem_key(b"/p/a.jpg") < 2**63
