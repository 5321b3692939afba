"""Faces in XMP, on pictures that are stored turned."""

import json

import pytest

from librephotos.media.regions import Region, read_regions

# The upright picture is 200 by 100; the face covers its left upper part.
FACE = (0.1, 0.2, 0.3, 0.6)
STORED = {
    1: FACE,
    2: (0.7, 0.2, 0.9, 0.6),
    3: (0.7, 0.4, 0.9, 0.8),
    4: (0.1, 0.4, 0.3, 0.8),
    5: (0.2, 0.1, 0.6, 0.3),
    6: (0.2, 0.7, 0.6, 0.9),
    7: (0.4, 0.7, 0.8, 0.9),
    8: (0.4, 0.1, 0.8, 0.3),
}


def mwg(box: tuple[float, ...], width: int, height: int, **more: object) -> str:
    left, top, right, bottom = box
    area = {"X": (left + right) / 2, "Y": (top + bottom) / 2, "W": right - left, "H": bottom - top}
    entry = {"Area": {**area, "Unit": "normalized"}, "Name": "Ann", "Type": "Face", **more}
    return json.dumps({"AppliedToDimensions": {"W": width, "H": height}, "RegionList": [entry]})


def near(found: Region, box: tuple[float, ...]) -> bool:
    edges = (found.left, found.top, found.right, found.bottom)
    return all(abs(one - other) < 1e-9 for one, other in zip(edges, box, strict=True))


@pytest.mark.parametrize("orientation", STORED)
def test_regions_lie_on_the_stored_picture_and_are_turned_with_it(orientation: int) -> None:
    width, height = (100, 200) if orientation > 4 else (200, 100)
    text = mwg(STORED[orientation], width, height)
    (found,) = read_regions(text, "", orientation=orientation, width=width, height=height)
    assert near(found, FACE)
    assert found.name == "Ann"


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_regions_that_were_drawn_on_the_turned_picture_stay(orientation: int) -> None:
    (found,) = read_regions(mwg(FACE, 200, 100), "", orientation=orientation, width=100, height=200)
    assert near(found, FACE)


def test_the_applied_size_may_be_that_of_a_smaller_rendition() -> None:
    (found,) = read_regions(mwg(STORED[6], 50, 100), "", orientation=6, width=100, height=200)
    assert near(found, FACE)


def test_microsofts_regions_add_what_the_others_do_not_name() -> None:
    microsoft = {
        "Regions": [
            {"PersonDisplayName": "Ann", "Rectangle": "0.1, 0.2, 0.2, 0.4"},
            {"PersonDisplayName": "Bob", "Rectangle": "0.5, 0.2, 0.2, 0.4"},
        ]
    }
    alone = read_regions("", json.dumps(microsoft), orientation=6, width=100, height=200)
    assert [each.name for each in alone] == ["Ann", "Bob"]
    assert near(alone[0], FACE)
    both = read_regions(mwg(FACE, 200, 100), json.dumps(microsoft), orientation=1, width=200, height=100)
    assert [each.name for each in both] == ["Ann", "Bob"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "nonsense",
        '{"RegionList": 5}',
        '{"RegionList": [{"Type": "Face"}]}',
        mwg((0.1, 0.1, 0.1, 0.1), 1, 1),
        mwg((2, 2, 3, 3), 1, 1),
        mwg(FACE, 1, 1, Type="Pet"),
        mwg(FACE, 1, 1, Area={"X": "nan", "Y": 1, "W": 1, "H": 1}),
        mwg(FACE, 1, 1, Area={"X": 10, "Y": 10, "W": 5, "H": 5, "Unit": "pixel"}),
        "[" * 5000,
    ],
)
def test_what_is_no_face_is_passed_over(text: str) -> None:
    assert read_regions(text, text, orientation=None, width=None, height=None) == []


def test_a_face_at_the_edge_is_cut_there() -> None:
    (found,) = read_regions(mwg((-0.1, -0.1, 0.2, 0.2), 1, 1), "", orientation=1, width=1, height=1)
    assert near(found, (0, 0, 0.2, 0.2))
