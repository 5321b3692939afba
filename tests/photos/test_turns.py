"""Turning a photo: the group of orientations, the endpoint, and the pictures that are served."""

import io
import itertools

import pytest
from PIL import Image, ImageOps

from librephotos.media.orientation import parts_of, shown_ratio, turned
from librephotos.photos.paths import BIG, SQUARE, SQUARE_SMALL, derived_path
from librephotos.photos.turned import remove_turned
from tests.photos.rows import list_version, photo_row
from tests.photos.test_flags import MISSING, UNKNOWN, post

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def corners(width=1620, height=1080):
    """A picture whose corners differ: red and green above, blue and white below."""
    image = Image.new("RGB", (width, height))
    for number, colour in enumerate((RED, GREEN, BLUE, WHITE)):
        left, top = (number % 2) * width // 2, number // 2 * height // 2
        image.paste(colour, (left, top, left + width // 2, top + height // 2))
    return image


def colours(image):
    """The colour of each corner, to the nearest of ours."""
    rgb, (width, height) = image.convert("RGB"), image.size
    places = ((8, 8), (width - 8, 8), (8, height - 8), (width - 8, height - 8))
    return [tuple(255 if part > 127 else 0 for part in rgb.getpixel(place)) for place in places]


def seen_as(code):
    """The picture as readers of Exif show it under an orientation."""
    exif, image = Image.Exif(), corners(120, 80)
    exif[0x0112] = code
    image.info["exif"] = exif.tobytes()
    return ImageOps.exif_transpose(image)


@pytest.fixture
def photo(instance, builder, user):
    made = builder.add_photo(user)
    for kind, height in ((BIG, 1080), (SQUARE, 500), (SQUARE_SMALL, 250)):
        path = derived_path(instance.data, kind, made.image_hash)
        corners(height * 3 // 2, height).save(path, "WEBP", quality=90)
    return made


def rotate(client, photo, **body):
    answer = post(client, "rotate", {"image_hash": photo.image_hash, **body})
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["status", "image_hash", "local_orientation", "last_modified"]
    return answer.json()


def served(client, photo, kind=BIG):
    answer = client.get(f"/media/{kind}/{photo.image_hash}.webp")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    return Image.open(io.BytesIO(answer.content))


def test_orientations_are_a_group():
    assert [turned(1, quarters, is_mirrored=False) for quarters in range(4)] == [1, 6, 3, 8]
    assert [turned(1, quarters, is_mirrored=True) for quarters in range(4)] == [2, 7, 4, 5]
    for code, quarters, is_mirrored in itertools.product(range(1, 9), range(4), (False, True)):
        shown = seen_as(code)
        if is_mirrored:
            shown = shown.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        for _ in range(quarters):
            shown = shown.transpose(Image.Transpose.ROTATE_270)
        after = turned(code, quarters, is_mirrored=is_mirrored)
        assert colours(seen_as(after)) == colours(shown), (code, quarters, is_mirrored)
    assert parts_of(99) == (0, False)
    assert (shown_ratio(1.5, 6), shown_ratio(1.5, 3), shown_ratio(1000, 8)) == (0.67, 1.5, 0.01)


@pytest.mark.parametrize(
    ("angle", "flip", "code"),
    [
        (90, False, 6),
        (180, False, 3),
        (-90, False, 8),
        (450, False, 6),
        (0, True, 2),
        (90, True, 7),
        (-90, True, 5),
    ],
)
def test_a_photo_is_served_as_it_was_turned(client, instance, user, photo, angle, flip, code):
    version, modified = list_version(instance, user), photo_row(instance, photo, "modified_at")[0]
    original = photo.path.read_bytes()
    before = client.get(f"/media/{BIG}/{photo.image_hash}.webp").headers["etag"]
    answer = rotate(client, photo, angle=angle, flip_horizontal=flip)
    assert (answer["status"], answer["image_hash"], answer["local_orientation"]) == (
        True,
        photo.image_hash,
        code,
    )
    assert answer["last_modified"].endswith("+00:00")
    assert list_version(instance, user) > version
    assert photo_row(instance, photo, "modified_at")[0] > modified
    wanted = colours(seen_as(code))
    for kind, height in ((BIG, 1080), (SQUARE, 500), (SQUARE_SMALL, 250)):
        picture = served(client, photo, kind)
        assert colours(picture) == wanted
        size = (round(height * 2 / 3), height) if code > 4 else (height * 3 // 2, height)
        assert picture.size == size
    assert client.get(f"/media/{BIG}/{photo.image_hash}.webp").headers["etag"] != before
    item = client.get(f"/api/photos/{photo.uuid}/summary/").json()["photo_summary"]
    assert (item["local_orientation"], item["aspectRatio"]) == (code, 0.67 if code > 4 else 1.5)
    (day,) = client.get("/api/timeline/layout/").json()["results"]
    assert day["ratios"] == [67 if code > 4 else 150]
    assert photo.path.read_bytes() == original


def test_turns_add_up_and_turning_back_is_exact(client, instance, photo):
    upright = client.get(f"/media/{BIG}/{photo.image_hash}.webp").content
    codes = [rotate(client, photo, angle=90)["local_orientation"] for _ in range(4)]
    assert codes == [6, 3, 8, 1]
    assert client.get(f"/media/{BIG}/{photo.image_hash}.webp").content == upright
    rotate(client, photo, flip_horizontal=True)
    assert rotate(client, photo, angle=0, flip_horizontal=True)["local_orientation"] == 1
    before = photo_row(instance, photo, "modified_at")
    assert rotate(client, photo)["local_orientation"] == 1
    assert photo_row(instance, photo, "modified_at") == before


def test_a_thumbnail_that_is_made_anew_is_turned_anew(client, instance, photo):
    rotate(client, photo, angle=180)
    assert colours(served(client, photo)) == [WHITE, BLUE, GREEN, RED]
    path = derived_path(instance.data, BIG, photo.image_hash)
    corners().transpose(Image.Transpose.ROTATE_180).save(path, "WEBP")
    assert colours(served(client, photo)) == [RED, GREEN, BLUE, WHITE]
    # One that is damaged is shown as it is, and one that is not there is missing.
    path.write_bytes(b"RIFF\x00\x00\x00\x00WEBPdamaged")
    assert client.get(f"/media/{BIG}/{photo.image_hash}.webp").content.endswith(b"damaged")
    path.unlink()
    assert client.get(f"/media/{BIG}/{photo.image_hash}.webp").status_code == 404
    remove_turned(instance.data, photo.image_hash)
    assert list((instance.data / "derived" / "turned").rglob(f"{photo.image_hash}*")) == []


def test_others_photos_and_videos_are_not_turned(client, builder, user, stranger, anonymous):
    foreign, shared = builder.add_photo(stranger, is_public=True), builder.add_photo(stranger)
    builder.share_photo(shared, user)
    video = builder.add_photo(user, is_video=True)
    for name in (foreign.uuid, foreign.image_hash, shared.uuid, MISSING, UNKNOWN, "x"):
        answer = post(client, "rotate", {"image_hash": name, "angle": 90})
        assert (answer.status_code, answer.json()) == (404, {"status": False, "message": "photo not found"})
    answer = post(client, "rotate", {"image_hash": video.uuid, "angle": 90})
    assert answer.status_code == 400
    assert answer.json()["message"] == "rotation is not supported for videos"
    assert post(anonymous, "rotate", {"image_hash": foreign.uuid}).status_code == 401


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "image_hash is required"),
        ({"image_hash": 5}, "image_hash is required"),
        ({"image_hash": "x", "angle": "right"}, "angle must be an integer"),
        ({"image_hash": "x", "angle": None}, "angle must be an integer"),
        ({"image_hash": "x", "angle": True}, "angle must be an integer"),
        ({"image_hash": "x", "angle": 90.5}, "angle must be an integer"),
        ({"image_hash": "x", "angle": 45}, "angle must be a multiple of 90 degrees"),
        ({"image_hash": "x", "angle": 90, "flip_horizontal": "yes"}, "flip_horizontal must be a boolean"),
    ],
)
def test_bad_input_is_told(client, body, message):
    answer = client.post("/api/photosedit/rotate", json=body)
    assert (answer.status_code, answer.json()) == (400, {"status": False, "message": message})
