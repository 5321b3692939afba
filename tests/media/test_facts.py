"""Facts from tags, whatever a file claims."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from librephotos.media.facts import clean_text, extract_facts, merge_sidecars
from librephotos.media.tags import FACT_TAGS, KEPT_TAGS


def facts(**tags):
    return extract_facts(
        {name.replace("_", ":", 1): value for name, value in tags.items()}, reader="exiftool"
    )


def test_a_cameras_facts_are_typed():
    found = facts(
        EXIF_FNumber="2.8",
        EXIF_ISO="100",
        EXIF_FocalLength="35.0",
        EXIF_FocalLengthIn35mmFormat="52",
        EXIF_Make="Canon",
        EXIF_Model=" EOS R5\0",
        EXIF_LensModel="RF24-70",
        ImageWidth="6000",
        ImageHeight="4000",
        EXIF_SubjectDistance="1.5",
        EXIF_DigitalZoomRatio="2",
        QuickTime_Duration="4.5",
        EXIF_ImageNumber="817",
        EXIF_SubSecTimeOriginal="018",
        EXIF_Orientation="6",
    )
    assert (found.fstop, found.iso, found.focal_length, found.focal_length_35) == (2.8, 100, 35.0, 52)
    assert (found.camera_make, found.camera_model, found.lens) == ("Canon", "EOS R5", "RF24-70")
    assert (found.width, found.height, found.orientation) == (6000, 4000, 6)
    assert (found.subject_distance, found.digital_zoom, found.video_seconds) == (1.5, 2.0, 4.5)
    assert (found.subsec, found.image_number) == ("018", "817")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        ("0.004", "1/250"),
        ("2", "2"),
        ("1.6", "8/5"),
        ("1/60", "1/60"),
        ("0.333333", "1/3"),
        ("0.00025", "1/4000"),
    ],
)
def test_exposure_is_a_fraction_text(seconds, text):
    assert facts(EXIF_ExposureTime=seconds).shutter_speed == text


@pytest.mark.parametrize(
    "value", ["0", "", "inf", "nan", "-1", "undef", "1/0", "1e999", "9" * 5000, "x", "\0", "1e-300"]
)
def test_zero_and_nonsense_are_nothing(value):
    found = facts(
        EXIF_ExposureTime=value, EXIF_FNumber=value, EXIF_ISO=value, ImageWidth=value, EXIF_Orientation=value
    )
    assert (
        found.shutter_speed is None
        and found.iso is None
        and found.width is None
        and found.orientation is None
    )


@pytest.mark.parametrize(
    ("value", "rating"),
    [("3", 3), ("0", 0), ("-1", 0), ("99", 5), ("4.6", 4), ("", None), ("many", None), ("nan", None)],
)
def test_a_rating_lies_between_nought_and_five_and_nought_counts(value, rating):
    assert facts(XMP_Rating=value).rating == rating


def test_the_rating_of_xmp_counts_before_that_of_exif():
    assert facts(XMP_Rating="2", EXIF_Rating="4").rating == 2
    assert facts(EXIF_Rating="4").rating == 4


def test_keywords_of_both_kinds_are_joined_sorted_and_not_repeated():
    assert facts(XMP_Subject=["sea", "boat"], IPTC_Keywords="sea").keywords == ["boat", "sea"]
    assert facts(XMP_Subject=["", "a\0b", "\ud800"]).keywords == ["ab"]


def test_a_description_in_another_language_serves_when_there_is_no_default():
    tags = {"XMP:Description-de": "Hallo", "XMP:Description": ""}
    assert extract_facts(tags, reader="exiftool").description == "Hallo"
    assert facts(XMP_Description="Hello").description == "Hello"


@pytest.mark.parametrize(
    ("latitude", "longitude", "position"),
    [
        ("52.5", "-13.25", (52.5, -13.25)),
        ("0", "0", (None, None)),
        ("", "", (None, None)),
        ("91", "0", (None, None)),
        ("nan", "1", (None, None)),
        ("1", "181", (None, None)),
        ("0", "5", (0.0, 5.0)),
        ("-90", "180", (-90.0, 180.0)),
    ],
)
def test_only_a_true_position_is_a_position(latitude, longitude, position):
    found = facts(Composite_GPSLatitude=latitude, Composite_GPSLongitude=longitude)
    assert (found.gps_lat, found.gps_lon) == position


def test_a_real_file_with_empty_position_tags_has_no_position(exiftool, sample_photos):
    path = bytes(sample_photos / "metadata/gps-position/empty_gps.jpg")
    found = extract_facts(exiftool.read(path, [*FACT_TAGS, *KEPT_TAGS]), reader="exiftool")
    assert (found.gps_lat, found.gps_lon) == (None, None) and found.camera_model == "moto g(9) plus"


def test_sidecars_lay_only_their_xmp_over_and_the_earlier_wins():
    merged = merge_sidecars(
        {"EXIF:Model": "A", "XMP:Rating": "1"},
        [{"XMP:Rating": "3", "EXIF:Model": "B"}, {"XMP:Rating": "5", "XMP:Subject": ["x"]}],
    )
    assert merged == {"EXIF:Model": "A", "XMP:Rating": "3", "XMP:Subject": ["x"]}


def test_texts_lose_control_characters_and_length():
    assert clean_text(" a\0b\x1b\ud800c ", 10) == "abc"
    assert len(clean_text("x" * 1000, 10)) == 10


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*FACT_TAGS, *KEPT_TAGS]), st.text() | st.lists(st.text()) | st.floats().map(str)
    )
)
def test_no_value_makes_it_raise(tags):
    found = extract_facts(tags, reader="pillow", kept=["XMP:Subject"])
    assert found.reader == "pillow"
    assert found.gps_lat is None or -90 <= found.gps_lat <= 90
