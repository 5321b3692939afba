"""Which time a photo gets, rule by rule."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from librephotos.library.capture_time import (
    Evidence,
    FileTimes,
    choose_capture_time,
    parse_offset_minutes,
    parse_time,
    parse_whatsapp_name,
    zone_at_position,
)
from librephotos.library.date_rules import PREDEFINED_DATE_RULES, default_date_rules, parse_date_rules

NOW = datetime(2024, 6, 1, tzinfo=UTC)
BERLIN = (52.5, 13.4)


def zone_at(latitude: float, longitude: float) -> str | None:
    return "Europe/Berlin" if latitude > 0 else None


def choose(rules, path="/p/a.jpg", **evidence):
    return choose_capture_time(Evidence(path, **evidence), parse_date_rules(rules), zone_at=zone_at, now=NOW)


def predefined(number: int, **more):
    return [{**next(rule for rule in PREDEFINED_DATE_RULES if rule["id"] == number), **more}]


def test_the_first_rule_that_yields_a_time_wins():
    tags = {"EXIF:DateTimeOriginal": "2023:07:01 14:05:09", "EXIF:ModifyDate": "2023:08:01 00:00:00"}
    chosen = choose(default_date_rules(), "/p/IMG_20200101_000000.jpg", tags=tags)
    assert (chosen.taken_local, chosen.rule_id, chosen.tag) == (
        datetime(2023, 7, 1, 14, 5, 9),
        1,
        "EXIF:DateTimeOriginal",
    )


def test_no_rule_and_no_evidence_give_no_time():
    assert (
        choose(default_date_rules()) is None
        and choose([], tags={"EXIF:ModifyDate": "2023:08:01 00:00:00"}) is None
    )


def test_a_time_set_by_the_user_comes_first_and_may_lie_in_the_future():
    chosen = choose(default_date_rules(), "/20200101_000000.jpg", user_timestamp=datetime(2030, 1, 2, 3))
    assert (chosen.taken_local, chosen.offset_minutes, chosen.rule_id) == (datetime(2030, 1, 2, 3), None, 14)


@pytest.mark.parametrize(
    ("number", "tag"),
    [
        (16, "XMP:DateCreated"),
        (1, "EXIF:DateTimeOriginal"),
        (15, "EXIF:ModifyDate"),
        (6, "QuickTime:CreateDate"),
        (13, "Composite:GPSDateTime"),
    ],
)
def test_a_tag_is_taken_as_it_stands(number, tag):
    chosen = choose(predefined(number), tags={tag: "2023:07:01 14:05:09"})
    assert (chosen.taken_local, chosen.offset_minutes, chosen.tag) == (
        datetime(2023, 7, 1, 14, 5, 9),
        None,
        tag,
    )


@pytest.mark.parametrize(("number", "tag"), [(2, "QuickTime:CreateDate"), (11, "Composite:GPSDateTime")])
def test_utc_becomes_the_time_of_the_place(number, tag):
    tags = {tag: "2023:07:01 23:05:09"}
    chosen = choose(predefined(number), tags=tags, position=BERLIN)
    assert (chosen.taken_local, chosen.offset_minutes) == (datetime(2023, 7, 2, 1, 5, 9), 120)
    for position in (None, (0.0, 0.0), (-10.0, 1.0)):
        assert choose(predefined(number), tags=tags, position=position) is None


@pytest.mark.parametrize(("number", "tag"), [(4, "QuickTime:CreateDate"), (12, "Composite:GPSDateTime")])
def test_utc_becomes_the_users_default_time(number, tag):
    chosen = choose(
        predefined(number), tags={tag: "2023:01:01 12:00:00"}, default_timezone="America/New_York"
    )
    assert (chosen.taken_local, chosen.offset_minutes) == (datetime(2023, 1, 1, 7), -300)
    assert (
        choose(predefined(number), tags={tag: "2023:01:01 12:00:00"}, default_timezone="../etc/passwd")
        is None
    )


@pytest.mark.parametrize(("number", "hour"), [(7, 14), (8, 12), (9, 15), (10, 13)])
def test_file_times_are_read_as_utc(number, hour):
    noon = datetime(2023, 7, 1, 12, tzinfo=UTC).timestamp()
    chosen = choose(
        predefined(number), file_times=FileTimes(noon, noon + 3600), default_timezone="Europe/Berlin"
    )
    assert chosen.taken_local == datetime(2023, 7, 1, hour)
    assert choose(predefined(number)) is None
    assert choose(predefined(number), file_times=FileTimes(1e300, float("nan"))) is None


@pytest.mark.parametrize(
    "name",
    [
        "IMG_20230701_140509.jpg",
        "Screenshot 2023-07-01 14.05.09.png",
        "x2023:07:01, 14:05:09",
        "PXL_20230701_140509123.jpg",
    ],
)
def test_a_file_name_may_tell_the_time(name):
    assert choose(predefined(3), f"/p/{name}").taken_local == datetime(2023, 7, 1, 14, 5, 9)


def test_the_folder_counts_only_for_the_full_path():
    path = "/2023-07-01/14-05-09/a.jpg".replace("01/", "01 ")
    assert choose(predefined(3), path) is None
    assert choose(predefined(3, path_part="full_path"), path).taken_local == datetime(2023, 7, 1, 14, 5, 9)


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("IMG-20230701-WA0012.jpg", datetime(2023, 7, 1, 0, 0, 0, 12)),
        ("VID_20230701_WA7.mp4", datetime(2023, 7, 1, 0, 0, 0, 7)),
        ("IMG-20230701.jpg", datetime(2023, 7, 1)),
        ("xIMG-20230701-WA0012.jpg", None),
        ("IMG-20230231-WA0012.jpg", None),
    ],
)
def test_a_whatsapp_name_tells_the_day_and_keeps_the_order(name, time):
    assert parse_whatsapp_name(name) == time
    chosen = choose(predefined(5), f"/p/{name}")
    assert (chosen and chosen.taken_local) == time


def test_a_custom_pattern_has_six_groups():
    rule = {"id": 50, "rule_type": "path", "custom_regexp": r"d(\d{4})m(\d+)t(\d+)h(\d+)n(\d+)s(\d+)"}
    assert choose([rule], "/p/d2023m7t1h14n5s9.jpg").taken_local == datetime(2023, 7, 1, 14, 5, 9)
    assert choose([{**rule, "custom_regexp": r"(\d{4})"}], "/p/2023.jpg") is None
    assert choose([{**rule, "custom_regexp": "("}], "/p/2023.jpg") is None
    assert choose([{**rule, "custom_regexp": r"(a+)+(b)(b)(b)(b)(b)$"}], "/p/" + "a" * 3000) is None


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2023:07:01 14:05:09", datetime(2023, 7, 1, 14, 5, 9)),
        ("2023:07:01 14:05:09+02:00", datetime(2023, 7, 1, 14, 5, 9)),
        ("2023:07:01 14:05:09.018Z", datetime(2023, 7, 1, 14, 5, 9)),
        ("20230701140509", datetime(2023, 7, 1, 14, 5, 9)),
        ("120230701140509", None),
        ("2023:02:30 14:05:09", None),
        ("2023:13:01 14:05:09", None),
        ("2023:07:01 24:05:09", None),
        ("2023:07:01 14:05", None),
        ("2223:07:01 14:05:09", None),
        ("0000:00:00 00:00:00", None),
        ("", None),
        ("2023-07-01T14:05:09", None),
    ],
)
def test_the_default_pattern_needs_all_six_parts_and_a_possible_day(text, time):
    assert parse_time(text) == time


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "1904:01:01 00:00:00", "1970:01:01 00:00:00"])
def test_a_video_clock_that_was_never_set_is_no_time(text):
    assert choose(predefined(6), tags={"QuickTime:CreateDate": text}) is None


def test_a_scanned_photo_may_be_old():
    assert (
        choose(predefined(1), tags={"EXIF:DateTimeOriginal": "1904:01:01 00:00:00"}).taken_local.year == 1904
    )


def test_more_than_thirty_days_ahead_is_no_time():
    assert choose(predefined(1), tags={"EXIF:DateTimeOriginal": "2024:06:30 00:00:00"})
    assert choose(predefined(1), tags={"EXIF:DateTimeOriginal": "2024:07:02 00:00:00"}) is None


def test_the_offset_comes_from_the_tag_that_belongs_to_the_time():
    tags = {
        "EXIF:DateTimeOriginal": "2023:07:01 14:05:09",
        "EXIF:OffsetTimeOriginal": "-03:30",
        "EXIF:OffsetTime": "+01:00",
        "EXIF:ModifyDate": "2023:07:01 14:05:09",
        "XMP:DateCreated": "2023:07:01 14:05:09+02:00",
    }
    assert [choose(predefined(number), tags=tags).offset_minutes for number in (1, 15, 16)] == [-210, 60, 120]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("+02:00", 120), ("-0330", -210), ("Z", 0), ("x", None), ("", None), ("+15:00", None), ("+01:75", None)],
)
def test_offsets_are_minutes_east_of_utc(text, minutes):
    assert parse_offset_minutes(text) == minutes


def test_zone_words_name_source_and_target():
    tags = {"EXIF:ModifyDate": "2023:07:01 12:00:00"}

    def convert(source: str, report: str):
        rule = {"transform_tz": 1, "source_tz": source, "report_tz": report}
        return choose(predefined(15, **rule), tags=tags, position=BERLIN, default_timezone="Asia/Kolkata")

    assert convert("name:Asia/Tokyo", "utc").taken_local == datetime(2023, 7, 1, 3)
    assert convert("user_default", "gps_timezonefinder").taken_local == datetime(2023, 7, 1, 8, 30)
    assert convert("utc", "server_local").taken_local == datetime(
        2023, 7, 1, 12, tzinfo=UTC
    ).astimezone().replace(tzinfo=None)
    assert convert("server_local", "utc").taken_local == datetime(2023, 7, 1, 12).astimezone(UTC).replace(
        tzinfo=None
    )
    for wrong in ("", "name:", "name:No/Where", "name:/etc/passwd", "Europe/Berlin", "name:\0"):
        assert convert(wrong, "utc") is None and convert("utc", wrong) is None


def test_conversion_at_the_edge_of_time_is_no_time():
    rule = predefined(
        1,
        transform_tz=1,
        source_tz="name:Asia/Tokyo",
        report_tz="utc",
        exif_tag="",
        rule_type="path",
        custom_regexp=r"(\d+)-(\d+)-(\d+)-(\d+)-(\d+)-(\d+)",
    )
    assert choose(rule, "/p/1-1-1-0-0-0") is None and choose(rule, "/p/99999-1-1-0-0-0") is None


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        ({"condition_path": r"/holiday/"}, True),
        ({"condition_path": r"/office/"}, False),
        ({"condition_filename": r"^IMG_"}, True),
        ({"condition_filename": r"holiday"}, False),
        ({"condition_exif": r"EXIF:Model//R5$"}, True),
        ({"condition_exif": r"EXIF:Model//^R5"}, False),
        ({"condition_exif": r"EXIF:Make//.*"}, False),
        ({"condition_exif": "EXIF:Model"}, False),
        ({"condition_path": "("}, False),
        ({"condition_path": "holiday", "condition_filename": "^x"}, False),
    ],
)
def test_all_conditions_must_hold(conditions, holds):
    tags = {"EXIF:DateTimeOriginal": "2023:07:01 14:05:09", "EXIF:Model": "EOS R5"}
    assert (choose(predefined(1, **conditions), "/holiday/IMG_1.jpg", tags=tags) is not None) == holds


def test_positions_lie_in_zones_found_offline():
    assert zone_at_position(52.5, 13.4) == "Europe/Berlin"
    assert ZoneInfo(zone_at_position(-33.9, 151.2) or "").key == "Australia/Sydney"


@settings(deadline=None)
@given(st.text(alphabet=st.characters() | st.sampled_from("0123456789:-_ ZWAIMG"), max_size=60))
def test_no_text_makes_it_raise(text):
    parse_time(text)
    parse_whatsapp_name(text)
    parse_offset_minutes(text)
    rules = [
        *PREDEFINED_DATE_RULES,
        {"id": 99, "rule_type": "path", "custom_regexp": text, "condition_exif": text},
    ]
    tags = dict.fromkeys(("XMP:DateCreated", "QuickTime:CreateDate", "Composite:GPSDateTime"), text)
    choose(rules, text, tags=tags, default_timezone=text, position=BERLIN)


# --- what a person would read where the rules, to the letter, find nothing


DEFAULT = default_date_rules()


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("PXL_20230701_140509123.jpg", datetime(2023, 7, 1, 14, 5, 9)),
        ("IMG_20230701_140509.jpg", datetime(2023, 7, 1, 14, 5, 9)),
        ("VID_20230701_140509.mp4", datetime(2023, 7, 1, 14, 5, 9)),
        ("signal-2023-07-01-140509.jpeg", datetime(2023, 7, 1, 14, 5, 9)),
        ("signal-2023-07-01-14-05-09-123.jpeg", datetime(2023, 7, 1, 14, 5, 9)),
        ("photo_2023-07-01_14-05-09.jpg", datetime(2023, 7, 1, 14, 5, 9)),
        ("Screenshot_20230701-140509_Maps.jpg", datetime(2023, 7, 1, 14, 5, 9)),
        ("Screenshot 2023-07-01 at 14.05.09.png", datetime(2023, 7, 1, 14, 5, 9)),
        ("Screenshot 2023-07-01 at 2.05.09 PM.png", datetime(2023, 7, 1, 14, 5, 9)),
        ("Screenshot 2023-07-01 at 12.05.09 AM.png", datetime(2023, 7, 1, 0, 5, 9)),
        ("Bildschirmfoto 2023-07-01 um 14.05.09.png", datetime(2023, 7, 1, 14, 5, 9)),
        ("Capture d’écran 2023-07-01 à 14.05.09.png", datetime(2023, 7, 1, 14, 5, 9)),
        ("WhatsApp Image 2023-07-01 at 14.05.09.jpeg", datetime(2023, 7, 1, 14, 5, 9)),
        ("IMG-20230701-WA0012.jpg", datetime(2023, 7, 1, 0, 0, 0, 12)),
        ("FB_IMG_1688220309123.jpg", datetime(2023, 7, 1, 14, 5, 9)),
        ("2023-07-01 Lisbon.jpg", datetime(2023, 7, 1)),
        ("2023-07-01_0042.jpg", datetime(2023, 7, 1)),
        ("IMG_1234.HEIC", None),
        ("DSC_20231.jpg", None),
        ("2023-13-01.jpg", None),
        ("120230701.jpg", None),
    ],
)
def test_names_of_phones_and_apps_tell_the_time(name, time):
    chosen = choose(DEFAULT, f"/p/{name}")
    assert (chosen.taken_local if chosen else None) == time


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2023:07:01 24:00:00", datetime(2023, 7, 2)),
        ("2023:07:01 23:59:60", datetime(2023, 7, 2)),
        ("2023:12:31 24:00:00", datetime(2024, 1, 1)),
        ("2023:07:01 14:05", datetime(2023, 7, 1, 14, 5)),
        ("2023:07:01", datetime(2023, 7, 1)),
        ("0000:00:00 00:00:00", None),
        ("    :  :     :  :  ", None),
        ("1970:01:01 00:00:00", None),
        ("1980:01:01 00:00:00", datetime(1980, 1, 1)),
        ("2023:02:30 10:00:00", None),
    ],
)
def test_odd_clocks_are_read_as_a_person_would(text, time):
    chosen = choose(DEFAULT, tags={"EXIF:DateTimeOriginal": text})
    assert (chosen.taken_local if chosen else None) == time
    if chosen:
        assert (chosen.rule_id, chosen.tag) == (1, "EXIF:DateTimeOriginal")


@pytest.mark.parametrize(
    ("text", "time"), [("1955", datetime(1955, 1, 1)), ("1955:08", datetime(1955, 8, 1))]
)
def test_an_old_print_may_have_but_a_year(text, time):
    assert choose(DEFAULT, tags={"XMP:DateCreated": text}).taken_local == time


@pytest.mark.parametrize(
    "text", ["1970:01:01 00:00:00", "1980:01:01 00:00:00", "2023:07:01 24:00:00", "2099:01:01 00:00:00"]
)
def test_an_unset_odd_or_future_clock_gives_way_to_anything_sound(text):
    tags = {"EXIF:DateTimeOriginal": text}
    chosen = choose(DEFAULT, "/p/IMG_20230702_100000.jpg", tags=tags)
    assert (chosen.taken_local, chosen.rule_id) == (datetime(2023, 7, 2, 10), 3)


def test_a_photo_manager_may_date_an_old_print_1970():
    tags = {"XMP:DateCreated": "1970:01:01 00:00:00"}
    assert choose(DEFAULT, tags=tags).taken_local == datetime(1970, 1, 1)


def test_additions_follow_the_owners_rules():
    assert choose(predefined(1), "/p/Screenshot 2023-07-01 at 14.05.09.png") is None
    assert choose(predefined(5), "/p/2023-07-01.jpg") is None
    custom = predefined(3, custom_regexp="(x)(x)(x)(x)(x)(x)")
    assert choose(custom, "/p/2023-07-01.jpg") is None


def test_the_offset_is_that_of_the_place_where_nothing_else_tells_it():
    tags = {"EXIF:DateTimeOriginal": "2023:07:01 14:05:09"}
    summer = choose(DEFAULT, tags=tags, position=BERLIN)
    assert (summer.taken_local, summer.offset_minutes) == (datetime(2023, 7, 1, 14, 5, 9), 120)
    assert choose(DEFAULT, tags=tags).offset_minutes is None
    told = choose(DEFAULT, tags={**tags, "EXIF:OffsetTimeOriginal": "+09:00"}, position=BERLIN)
    assert told.offset_minutes == 540
    assert choose(DEFAULT, "/p/IMG_20230101_140509.jpg", position=BERLIN).offset_minutes == 60
    as_utc = choose(predefined(6), tags={"QuickTime:CreateDate": "2023:07:01 12:00:00"}, position=BERLIN)
    assert as_utc.offset_minutes is None


def test_the_offset_may_be_that_of_a_phones_own_note():
    tags = {
        "QuickTime:CreateDate": "2023:07:01 05:05:09",
        "QuickTime:CreationDate": "2023:07:01 14:05:09+09:00",
    }
    by_name = choose(DEFAULT, "/p/VID_20230701_140509.mp4", tags=tags)
    assert (by_name.rule_id, by_name.offset_minutes) == (3, 540)
    as_written = choose([{"id": 90, "rule_type": "exif", "exif_tag": "QuickTime:CreationDate"}], tags=tags)
    assert (as_written.taken_local, as_written.offset_minutes) == (datetime(2023, 7, 1, 14, 5, 9), 540)
    assert choose(DEFAULT, tags=tags, default_timezone="UTC").taken_local == datetime(2023, 7, 1, 5, 5, 9)


@pytest.mark.parametrize(
    ("tags", "local", "offset", "rule"),
    [
        ({"H264:DateTimeOriginal": "2021:07:01 14:05:09+01:00"}, datetime(2021, 7, 1, 14, 5, 9), 60, 1),
        ({"H264:DateTimeOriginal": "2021:07:01 14:05:09+01:00 DST"}, datetime(2021, 7, 1, 14, 5, 9), 120, 1),
        ({"RIFF:DateTimeOriginal": "2021:07:01 14:05:09"}, datetime(2021, 7, 1, 14, 5, 9), None, 1),
        ({"Matroska:DateTimeOriginal": "2021:07:01 12:05:09Z"}, datetime(2021, 7, 1, 14, 5, 9), 120, 4),
    ],
)
def test_videos_of_other_kinds_tell_their_time_elsewhere(tags, local, offset, rule):
    chosen = choose(default_date_rules(), "/p/00001.MTS", tags=tags, default_timezone="Europe/Berlin")
    assert (chosen.taken_local, chosen.offset_minutes, chosen.rule_id) == (local, offset, rule)
    assert chosen.tag == next(iter(tags))
    own = choose(default_date_rules(), tags={**tags, "EXIF:DateTimeOriginal": "2020:01:02 03:04:05"})
    assert own.tag == "EXIF:DateTimeOriginal"


def test_the_zero_of_matroska_is_no_time():
    assert choose(default_date_rules(), tags={"Matroska:DateTimeOriginal": "2001:01:01 00:00:00Z"}) is None


def test_the_map_of_zones_is_loaded_before_a_transaction_asks_it():
    """In a process of its own: its first question takes megabytes and longer than a transaction may."""
    program = """
import psutil
from librephotos.library.capture_time import load_zones, zone_at_position
taken = [psutil.Process().memory_info().rss]
for ask in (load_zones, lambda: zone_at_position(38.71, -9.14)):
    ask()
    taken.append(psutil.Process().memory_info().rss)
print(taken[1] - taken[0], taken[2] - taken[1])
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    loaded, asked = map(int, done.stdout.split())
    assert loaded > 5_000_000 > 1_000_000 > asked
