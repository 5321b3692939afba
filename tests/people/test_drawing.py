"""Drawing a face by hand: its picture, its place in pixels, and what is refused; and the jobs of faces."""

from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from librephotos.photos.paths import BIG
from tests.builders import Builder, Photo
from tests.instance import Account

WIDTH, HEIGHT = 400, 300
BOX = {"left": 0.25, "top": 0.2, "right": 0.5, "bottom": 0.6}
GREEN = (0, 200, 60)


def paint(builder: Builder, of: Photo) -> None:
    """Write a grey thumbnail with a green face at BOX."""
    image = Image.new("RGB", (WIDTH, HEIGHT), (120, 120, 120))
    image.paste(GREEN, (100, 60, 200, 180))
    path = builder.thumbnail(BIG, of.image_hash)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, "WEBP", lossless=True)


@pytest.fixture
def photo(builder: Builder, user: Account) -> Photo:
    made = builder.add_photo(user, metadata={}, with_files=False)
    paint(builder, made)
    return made


def draw(client: httpx.Client, photo: object, box: object = BOX, name: object = "Ann") -> httpx.Response:
    return client.post("/api/addface", json={"photo": photo, "person_name": name, "box": box})


def is_green(picture: bytes) -> bool:
    """Whether the middle and the edges of a face's picture are the face's."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    points = [(image.width // 2, image.height // 2), (2, 2), (image.width - 3, image.height - 3)]
    pixels: list[Any] = [image.getpixel(point) for point in points]
    return all(abs(one - other) < 12 for pixel in pixels for one, other in zip(pixel, GREEN, strict=True))


def test_a_drawn_face_has_a_picture_and_a_person(client: httpx.Client, photo: Photo) -> None:
    made = draw(client, photo.uuid)
    assert made.status_code == 201, made.text
    face = made.json()["face"]
    assert face["location"] == {"top": 60, "right": 200, "bottom": 180, "left": 100}
    assert (made.json()["status"], face["person_name"]) == (True, "Ann")
    picture = client.get(face["face_url"])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert is_green(picture.content)
    shown = client.get(f"/api/persons/{face['person']}/").json()
    assert (shown["face_count"], shown["face_url"]) == (1, face["face_url"])
    assert client.get("/api/photos/?search=ann").json()["count"] == 1
    # What covers it is the same face; what does not is another, with another picture.
    assert draw(client, photo.image_hash, {**BOX, "right": 0.55}, "Bea").status_code == 409
    other = draw(client, photo.image_hash, {**BOX, "left": 0.6, "right": 0.9}, "Ann").json()["face"]
    assert other["face_url"] != face["face_url"]
    assert client.post("/api/deletefaces", json={"face_ids": [face["face_id"]]}).status_code == 200
    assert draw(client, photo.uuid).status_code == 201


def test_a_face_is_drawn_on_the_picture_as_it_is_shown(
    client: httpx.Client, builder: Builder, user: Account, photo: Photo
) -> None:
    """Turned by a quarter clockwise: what was on the left is on top, what was on top is on the right."""
    builder.change_photo(user, photo, local_orientation=6)
    turned = {"top": BOX["left"], "bottom": BOX["right"], "left": 1 - BOX["bottom"], "right": 1 - BOX["top"]}
    face = draw(client, photo.uuid, turned).json()["face"]
    assert face["location"] == {"top": 60, "right": 200, "bottom": 180, "left": 100}
    assert is_green(client.get(face["face_url"]).content)


@pytest.mark.parametrize(
    "change",
    [
        {"person_name": " "},
        {"person_name": "Unknown - Other"},
        {"person_name": None},
        {"person_name": ["Ann"]},
        {"person_name": "x" * 129},
        {"person_name": "a\x00b"},
        {"photo": ""},
        {"photo": None},
        {"photo": 3},
        {"box": None},
        {"box": [0, 0, 1, 1]},
        {"box": {"left": 0.1, "top": 0.1, "right": 0.9}},
        {"box": {**BOX, "left": "0.2"}},
        {"box": {**BOX, "left": True}},
        {"box": {**BOX, "right": 1.01}},
        {"box": {**BOX, "top": -0.1}},
        {"box": {**BOX, "right": 10**400}},
        {"box": {**BOX, "right": BOX["left"]}},
        {"box": {**BOX, "top": 0.9}},
    ],
)
def test_a_drawing_without_sense_is_refused(
    client: httpx.Client, photo: Photo, change: dict[str, Any]
) -> None:
    body = {"photo": photo.uuid, "person_name": "Ann", "box": BOX, **change}
    refused = client.post("/api/addface/", json=body)
    if change == {"box": {**BOX, "right": 10**400}}:
        assert refused.status_code == 400
        return
    assert (refused.status_code, refused.json()["status"]) == (400, False), refused.text
    assert refused.json()["message"]


def test_a_photo_that_cannot_be_drawn_on_is_refused(
    client: httpx.Client, anonymous: httpx.Client, builder: Builder, user: Account, stranger: Account,
    photo: Photo,
) -> None:  # fmt: skip
    narrow = draw(client, photo.uuid, {**BOX, "right": BOX["left"] + 11 / WIDTH})
    assert (narrow.status_code, narrow.json()["message"]) == (400, "The box is too small.")
    early = builder.add_photo(user, aspect_ratio=None, with_files=False)
    assert draw(client, early.uuid).status_code == 400
    assert draw(client, builder.add_photo(user).uuid).status_code == 400
    foreign = builder.add_photo(stranger, is_public=True, with_files=False)
    paint(builder, foreign)
    for name in (foreign.uuid, foreign.image_hash, "nonsense", "0" * 32 + "1"):
        refused = draw(client, name)
        assert (refused.status_code, refused.json()) == (404, {"status": False, "message": "photo not found"})
    builder.add_person(user, "Unknown 1", kind="CLUSTER")
    assert draw(client, photo.uuid, name="Unknown 1").status_code == 400
    assert draw(anonymous, photo.uuid).status_code == 401
    assert client.get("/api/persons/").json()["count"] == 0


def test_jobs_are_started_and_the_plot_is_empty(client: httpx.Client) -> None:
    kinds = []
    for method, path in (("GET", "scanfaces"), ("POST", "scanfaces/"), ("POST", "trainfaces")):
        started = client.request(method, f"/api/{path}")
        assert (started.status_code, started.json()["status"]) == (200, True)
        jobs = client.get("/api/jobs/").json()["results"]
        kinds += [each["job_type"] for each in jobs if each["job_id"] == started.json()["job_id"]]
    assert kinds == [7, 7, 8]
    assert client.get("/api/trainfaces").status_code == 405
    for method in ("GET", "POST"):
        assert client.request(method, "/api/clusterfaces").json() == {"status": True, "data": []}
