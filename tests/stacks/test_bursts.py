"""Which photos the rules call one burst, and what detection makes of that."""

from typing import Any

import httpx
import pytest

from librephotos.kit import json
from librephotos.stacks.burst_rules import default_burst_rules, parse_burst_rules
from librephotos.stacks.bursts import Shot, find_bursts
from tests.builders import Builder, Photo, stored
from tests.instance import Account, Instance
from tests.stacks.running import run_bursts, run_new

NOON = "2023-07-01T12:00:{:02}"


def shot(number: int, name: str = "", second: int | None = 0, **more: Any) -> Shot:
    fields = {
        "path": f"/photos/{name or f'P{number}.jpg'}",
        "taken_local": None if second is None else NOON.format(second),
        "added_at": number,
        "make": "",
        "model": "",
        "tags": None,
        "perceptual_hash": None,
        **more,
    }
    return Shot(photo_id=number, **fields)


def found(shots: list[Shot], *rules: dict[str, Any]) -> list[list[int]]:
    asked = parse_burst_rules(list(rules) if rules else None)
    return [[each.photo_id for each in burst] for burst in find_bursts(shots, asked)]


def rule(rule_type: str, **more: Any) -> dict[str, Any]:
    return {"rule_type": rule_type, "enabled": True, **more}


@pytest.mark.parametrize(
    ("names", "is_burst"),
    [
        (("IMG_0001_BURST01.jpg", "IMG_0001_burst002.jpg"), True),
        (("P_001_COVER.jpg", "P_002_COVER.JPG"), True),
        (("IMG_1234_1.jpg", "IMG_1234_22.jpg"), True),
        (("Tram (1).jpg", "Tram (2).jpg"), True),
        (("DSC_0001.jpg", "DSC_0002.jpg"), True),
        (("a/DSC_0001.jpg", "b/DSC_0002.jpg"), False),
        (("DSC_01.jpg", "DSC_02.jpg"), False),
        (("DSC_0001.jpg", "Tram_0002.jpg"), False),
        (("DSC0001.jpg", "DSC0002.jpg"), False),
    ],
)
def test_names_tell_bursts(names: tuple[str, str], is_burst: bool) -> None:
    shots = [shot(number, name, number) for number, name in enumerate(names, 1)]
    assert found(shots) == ([[1, 2]] if is_burst else [])


def test_numbered_photos_are_a_burst_only_when_taken_in_a_row() -> None:
    shots = [
        shot(number, f"DSC_{number:04}.jpg", second) for number, second in enumerate((0, 2, 4, 30, 31, 50), 1)
    ]
    assert found(shots) == [[1, 2, 3], [4, 5]]
    assert found([shot(1, "DSC_0001.jpg", None), shot(2, "DSC_0002.jpg", None)]) == []
    # Names that say so themselves need no time.
    assert found([shot(1, "X_BURST1.jpg", None), shot(2, "X_BURST2.jpg", 50)]) == [[2, 1]]


def test_cameras_tell_bursts_of_one_second() -> None:
    mode = stored({"MakerNotes:BurstMode": "On"})
    drive = stored({"MakerNotes:ContinuousDrive": "Continuous"})
    numbered = stored({"MakerNotes:SequenceNumber": "7"})
    shots = [
        shot(1, tags=mode, model="A"),
        shot(2, tags=drive, model="A"),
        shot(3, tags=mode, model="B"),
        shot(4, tags=mode, model="A", second=1),
        shot(5, tags=stored({"MakerNotes:BurstMode": "Off"}), model="A"),
        shot(6, tags=numbered, model="A"),
        shot(7, tags=numbered, model="A"),
        shot(8, tags=stored({"MakerNotes:SequenceNumber": "n/a"}), model="A"),
        shot(9, tags=mode, model="A", second=None),
    ]
    assert found(shots) == [[1, 2], [6, 7]]


def test_soft_rules_take_what_hard_ones_left() -> None:
    near = rule("timestamp_proximity", interval_ms=2000)
    shots = [
        shot(1, "X_BURST1.jpg", 0),
        shot(2, "X_BURST2.jpg", 1),
        shot(3, second=2, make="Fuji", model="X100"),
        shot(4, second=3, make="Fuji"),
        shot(5, second=4, make="Nikon"),
        shot(6, second=30),
        shot(7, second=None),
    ]
    assert found(shots, near, rule("filename_pattern")) == [[1, 2], [3, 4]]
    assert found(shots, rule("timestamp_proximity", require_same_camera=False)) == [[1, 2, 3, 4, 5]]
    looks = [
        shot(1, second=0, perceptual_hash="00000000ffffffff"),
        shot(2, second=40, perceptual_hash="00000000fffffff0"),
        shot(3, second=50, perceptual_hash="ffffffff00000000"),
    ]
    assert found(looks, rule("visual_similarity")) == [[1, 2]]
    assert found(looks, rule("visual_similarity", similarity_threshold=3)) == []


def test_conditions_custom_patterns_and_unusable_rules() -> None:
    shots = [shot(1, "in/T-a1.jpg"), shot(2, "in/T-b2.jpg"), shot(3, "out/T-c3.jpg"), shot(4, "out/T-d4.jpg")]
    custom = rule("filename_pattern", pattern_type="custom", custom_pattern="-[a-z][0-9]$")
    assert found(shots, custom) == [[1, 2], [3, 4]]
    assert found(shots, {**custom, "condition_path": "/in/"}) == [[1, 2]]
    assert found(shots, {**custom, "condition_filename": "nothing"}) == []
    assert found(shots, {**custom, "condition_exif": "EXIF:Flash//1"}) == []
    assert found(shots, {**custom, "custom_pattern": "(["}) == []
    assert (
        found(
            [shot(1, "A_001.jpg"), shot(2, "A_002.jpg")],
            rule("filename_pattern", pattern_type="burst_suffix"),
        )
        == []
    )
    for useless in ("{", "[1, null]", '"text"', json.dumps([{"rule_type": ["x"], "enabled": True}])):
        assert parse_burst_rules(useless) == []
    assert [each.rule_type for each in parse_burst_rules(json.dumps(default_burst_rules()))] == [
        "exif_burst_mode",
        "exif_sequence_number",
        "filename_pattern",
    ]
    assert (
        parse_burst_rules([rule("visual_similarity", similarity_threshold=1e99)])[0].similarity_threshold
        == 15
    )


def stacks(client: httpx.Client) -> list[dict[str, Any]]:
    return list(client.get("/api/stacks?stack_type=burst").json()["results"])


def test_detection_makes_stacks_and_later_ones_add_to_them(
    instance: Instance, builder: Builder, client: httpx.Client, user: Account
) -> None:
    def add(name: str, second: int, **columns: Any) -> Photo:
        return builder.add_photo(
            user, name=name, taken_local=NOON.format(second), with_files=False, **columns
        )

    burst = [add(f"X_BURST{number}.jpg", number) for number in range(3)]
    add("X_BURST7.jpg", 7, is_trashed=True)
    add("X_BURST8.jpg", 8, is_video=True)
    queued = client.post("/api/stacks/detect/", json={"detect_raw_jpeg": True})
    assert (queued.status_code, queued.json()["options"]) == (202, {"detect_bursts": True})
    assert client.get("/api/jobs/").json()["results"][0]["job_type"] == 1
    told = {"current": 3, "total": 3, "stage": "burst_sequences", "found": 1}
    assert run_bursts(instance, user) == told
    (one,) = stacks(client)
    assert one["stack_type_display"] == "Burst Sequence"
    # The middle one by time is shown.
    assert (one["photo_count"], one["primary_photo"]["image_hash"]) == (3, burst[1].image_hash)
    # Found once more, it is the same stack, with what was chosen.
    chosen = {"photo_hash": burst[2].image_hash}
    assert client.post(f"/api/stacks/{one['id']}/primary", json=chosen).status_code == 200
    assert run_bursts(instance, user) == told
    assert [each["id"] for each in stacks(client)] == [one["id"]]
    assert stacks(client)[0]["primary_photo"]["image_hash"] == burst[2].image_hash

    # What follows a scan looks at new photos only: a stack that somebody dissolved does not come back.
    run_new(instance, user)
    assert client.delete(f"/api/stacks/{one['id']}").status_code == 200
    run_new(instance, user)
    assert stacks(client) == []
    run_bursts(instance, user)
    add("X_BURST3.jpg", 3)
    alike = [add(f"Y{number}.jpg", 30, perceptual_hash="00000000ffffffff") for number in range(2)]
    assert run_new(instance, user)["found"] == 2
    assert [each["photo_count"] for each in stacks(client)] == [4]
    (group,) = client.get("/api/duplicates").json()["results"]
    assert {each["image_hash"] for each in group["preview_photos"]} == {each.image_hash for each in alike}
    # Without rules there are no bursts.
    builder.change_user(user, burst_detection_rules="[]")
    add("X_BURST4.jpg", 4)
    run_new(instance, user)
    assert [each["photo_count"] for each in stacks(client)] == [4]
    assert run_bursts(instance, user)["found"] == 0
    assert stacks(client) == []
