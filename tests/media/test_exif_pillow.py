"""The fallback without ExifTool finds the same values under the same names."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from librephotos.media.errors import UnreadableMetadata
from librephotos.media.exif_pillow import read_with_pillow
from librephotos.media.facts import extract_facts
from librephotos.media.tags import FACT_TAGS, KEPT_TAGS


def test_it_agrees_with_exiftool_on_a_generated_photo(exiftool, stored, jpeg):
    by_exiftool = extract_facts(
        exiftool.read(stored(b"a.jpg", jpeg), [*FACT_TAGS, *KEPT_TAGS]), reader="exiftool"
    )
    by_pillow = extract_facts(read_with_pillow(jpeg), reader="pillow")
    by_pillow.reader = "exiftool"
    assert by_pillow == by_exiftool


def test_it_agrees_with_exiftool_on_real_photos(exiftool, sample_photos):
    for path in sorted((sample_photos / "albums" / "nature").iterdir()):
        theirs = extract_facts(exiftool.read(bytes(path), [*FACT_TAGS, *KEPT_TAGS]), reader="exiftool")
        ours = extract_facts(read_with_pillow(path.read_bytes()), reader="exiftool")
        for name in (
            "fstop",
            "iso",
            "focal_length",
            "shutter_speed",
            "camera_model",
            "width",
            "rating",
            "keywords",
        ):
            assert getattr(ours, name) == getattr(theirs, name), (path.name, name)
        assert ours.tags.get("EXIF:DateTimeOriginal") == theirs.tags.get("EXIF:DateTimeOriginal")


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"GIF89a", b"text"])
def test_what_pillow_cannot_open_has_a_reason(data):
    with pytest.raises(UnreadableMetadata):
        read_with_pillow(data)


def test_a_picture_without_exif_has_only_its_size(encoded):
    assert read_with_pillow(encoded(Image.new("RGB", (7, 5)), "PNG")) == {
        "ImageWidth": "7",
        "ImageHeight": "5",
    }


@settings(max_examples=150, deadline=None)
@given(st.integers(20, 700), st.binary(min_size=1, max_size=12))
def test_damage_is_a_reason_or_passes(jpeg, place, damage):
    data = jpeg[:place] + damage + jpeg[place + len(damage) :]
    try:
        extract_facts(read_with_pillow(data), reader="pillow")
    except UnreadableMetadata as error:
        assert error.reason.endswith(".")
