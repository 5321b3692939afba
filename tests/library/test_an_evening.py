"""An evening's use, as the web client of 2024 asks: its bursts and polls, its paths without a slash, its strict types.

Redirects are off, and every answer is held to the types that the client holds it to: it drops an answer as a whole
when one field is missing or of another kind.
"""

import base64
import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.instance import Account, Instance
from tests.library.scanning import JOB_SECONDS, draw

PASSWORD = "an evening's password"
NULL = type(None)
NUMBER = (int, float)
TEXT_OR_NULL, NUMBER_OR_NULL = (str, NULL), (int, float, NULL)

OWNER = {"id": int, "username": str, "first_name": str, "last_name": str}
PIG = {
    "id": str, "dominantColor": str, "url": str, "location": str, "date": str, "birthTime": str, "aspectRatio": NUMBER,
    "type": str, "video_length": str, "rating": int, "owner": OWNER, "exif_gps_lat": NUMBER_OR_NULL,
    "exif_gps_lon": NUMBER_OR_NULL, "removed": bool, "in_trashcan": bool,
}  # fmt: skip
DAY = {"id": str, "date": TEXT_OR_NULL, "location": TEXT_OR_NULL, "incomplete": bool, "numberOfItems": int}
COVER = {
    "image_hash": str, "rating": int, "hidden": bool, "exif_timestamp": TEXT_OR_NULL, "public": bool, "video": bool,
}  # fmt: skip
ALBUM = {
    "id": int, "title": str, "cover_photo": COVER, "photo_count": int, "owner": OWNER, "shared_to": [OWNER],
    "created_on": str, "favorited": bool,
}  # fmt: skip
LISTED_USER = {
    "id": int, "username": str, "email": str, "confidence": NUMBER, "confidence_person": NUMBER,
    "transcode_videos": bool, "semantic_search_topk": int, "first_name": str, "last_name": str,
    "public_photo_samples": [COVER], "public_photo_count": int, "date_joined": str, "avatar": TEXT_OR_NULL,
    "photo_count": int, "nextcloud_server_address": TEXT_OR_NULL, "nextcloud_username": TEXT_OR_NULL,
    "nextcloud_scan_directory": TEXT_OR_NULL, "avatar_url": TEXT_OR_NULL, "favorite_min_rating": int,
    "image_scale": NUMBER, "save_metadata_to_disk": str, "datetime_rules": str, "default_timezone": str,
    "public_sharing": bool, "confidence_unknown_face": NUMBER, "min_cluster_size": NUMBER, "min_samples": NUMBER,
    "cluster_selection_epsilon": NUMBER, "face_recognition_model": str,
}  # fmt: skip
USER = {**LISTED_USER, "scan_directory": str, "is_superuser": bool, "llm_settings": dict}
SITE = {
    "allow_registration": bool, "allow_upload": bool, "skip_patterns": str, "heavyweight_process": NUMBER,
    "map_api_provider": str, "map_api_key": str, "captioning_model": str, "llm_model": str,
}  # fmt: skip
PHOTO = {
    "exif_gps_lat": NUMBER_OR_NULL, "exif_gps_lon": NUMBER_OR_NULL, "exif_timestamp": TEXT_OR_NULL,
    "captions_json": dict, "search_captions": TEXT_OR_NULL, "search_location": TEXT_OR_NULL, "big_thumbnail_url": str,
    "square_thumbnail_url": str, "small_square_thumbnail_url": str, "geolocation_json": (dict, NULL),
    "exif_json": (dict, NULL), "people": list, "image_hash": str, "image_path": [str], "rating": int, "hidden": bool,
    "public": bool, "removed": bool, "in_trashcan": bool, "shared_to": [int], "similar_photos": list, "video": bool,
    "owner": OWNER, "size": int, "height": (int, NULL), "width": (int, NULL), "focal_length": NUMBER_OR_NULL,
    "fstop": NUMBER_OR_NULL, "iso": (int, NULL), "shutter_speed": TEXT_OR_NULL, "lens": TEXT_OR_NULL,
    "camera": TEXT_OR_NULL, "focalLength35Equivalent": (int, NULL), "digitalZoomRatio": NUMBER_OR_NULL,
    "subjectDistance": NUMBER_OR_NULL, "embedded_media": list,
}  # fmt: skip
JOB = {
    "job_id": str, "queued_at": str, "finished": bool, "finished_at": TEXT_OR_NULL, "started_at": TEXT_OR_NULL,
    "failed": bool, "job_type_str": str, "job_type": int, "started_by": OWNER, "id": int, "result": dict,
    "progress_current": int, "progress_target": int,
}  # fmt: skip
AVAILABLE = {"status": bool, "queue_can_accept_job": bool, "job_detail": (dict, NULL)}
FLAGGED = {"status": bool, "results": [PHOTO], "updated": [PHOTO], "not_updated": [PHOTO]}


def listed(shape: Any) -> dict[str, Any]:
    return {"count": int, "next": TEXT_OR_NULL, "previous": TEXT_OR_NULL, "results": [shape]}


def burst(user_id: int) -> dict[str, Any]:
    """What every loading of a page asks for at once."""
    return {
        f"user/{user_id}/": USER,
        "user/": listed(LISTED_USER),
        "sitesettings": SITE,
        "rqavailable/": AVAILABLE,
        "imagetag": {"image_tag": str, "git_hash": str},
        "storagestats": {"total_storage": int, "used_storage": int, "free_storage": int},
        "searchtermexamples/": {"results": [str]},
        "persons/?page_size=1000": listed(
            {"name": str, "face_url": TEXT_OR_NULL, "face_count": int, "id": int}
        ),
        "albums/place/list/": listed({"id": int, "geolocation_level": int, "title": str, "photo_count": int}),
        "albums/thing/list/": listed(
            {"id": int, "title": str, "photo_count": int, "thing_type": TEXT_OR_NULL}
        ),
        "albums/user/list/": listed(ALBUM),
    }


def misfits(value: Any, shape: Any, place: str = "") -> list[str]:
    """Return where a value is not what the shape says; a truth is no number here."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{place}: {value!r}"]
        missing = [f"{place}.{name} is missing" for name in shape if name not in value]
        found = [
            misfits(value[name], inner, f"{place}.{name}") for name, inner in shape.items() if name in value
        ]
        return [*missing, *(each for some in found for each in some)]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{place}: {value!r}"]
        return [each for item in value for each in misfits(item, shape[0], f"{place}[]")]
    kinds = shape if isinstance(shape, tuple) else (shape,)
    fits = isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
    return [] if fits else [f"{place}: {value!r}"]


class Web:
    """The client: signs in, keeps its tokens, and holds every answer to its shape."""

    def __init__(self, http: httpx.Client, username: str) -> None:
        self.http = http
        body = {"username": username, "password": PASSWORD}
        self.tokens = self.ask("POST", "auth/token/obtain/", {"access": str, "refresh": str}, json=body)

    def ask(self, method: str, path: str, shape: Any = None, status: int = 200, **options: Any) -> Any:
        bearer = {"Authorization": f"Bearer {self.tokens['access']}"} if hasattr(self, "tokens") else {}
        answer = self.http.request(method, f"/api/{path}", headers=bearer, **options)
        assert answer.status_code == status, (method, path, answer.status_code, answer.text)
        if not answer.content:
            return None
        assert answer.headers["content-type"].startswith("application/json"), path
        found = answer.json()
        assert shape is None or misfits(found, shape, path) == []
        return found

    def get(self, path: str, shape: Any = None) -> Any:
        return self.ask("GET", path, shape)

    def wait_for_work(self) -> None:
        """Poll as every screen does, only faster."""
        deadline = time.monotonic() + JOB_SECONDS
        while time.monotonic() < deadline:
            told = self.get("rqavailable/", AVAILABLE)
            if told["job_detail"] is not None:
                assert misfits(told["job_detail"], JOB) == []
            if told["queue_can_accept_job"]:
                return
            time.sleep(0.1)
        raise AssertionError("the worker never rests")

    def days(self, query: str = "") -> dict[str | None, list[dict[str, Any]]]:
        """Every day of a view with its photos, asked for without the slash, and whole where no page is asked for."""
        found = {}
        for day in self.get(f"albums/date/list/?{query}", {"results": [{**DAY, "items": list}]})["results"]:
            page = query or "page=1"
            whole = self.get(f"albums/date/{day['id']}?{page}", {"results": {**DAY, "items": [PIG]}})[
                "results"
            ]
            assert whole["numberOfItems"] == len(whole["items"]) == day["numberOfItems"]
            found[day["date"]] = whole["items"]
        return found


@pytest.fixture
def owner(working_instance: Instance) -> Account:
    folder = working_instance.library / f"evening-{secrets.token_hex(4)}"
    for number in range(3):
        draw(folder / "lisbon" / f"{number}.jpg", number, taken=f"2023:07:01 14:05:0{number}")
    draw(folder / "porto.jpg", 7, taken="2023:07:02 09:00:00")
    return working_instance.add_user(password=PASSWORD, scan_directory=str(folder))


def test_an_evening_with_the_client_of_2024(working_instance: Instance, owner: Account):
    with working_instance.client() as http:
        web = Web(http, owner.username)
        claims = json.loads(base64.urlsafe_b64decode(web.tokens["access"].split(".")[1] + "=="))
        assert not [name for name, value in claims.items() if isinstance(value, list | dict)]
        assert claims["user_id"] == str(owner.user_id)
        load_a_page(web, owner.user_id)
        web.ask("POST", "scanphotos/", {"status": bool, "job_id": str})
        web.wait_for_work()
        look_through(web)
        change_photos(web)
        fill_an_album(web)
        tell_settings(web, owner.user_id)
        leave(web)


def load_a_page(web: Web, user_id: int) -> None:
    """Eleven at once, and again with a token that has ended: eleven refreshes, and everything once more."""
    wanted = burst(user_id)
    with ThreadPoolExecutor(len(wanted)) as threads:
        list(threads.map(lambda item: web.get(*item), wanted.items()))
        good = web.tokens
        web.tokens = {**good, "access": good["access"][:-4] + "AAAA"}
        list(threads.map(lambda path: web.ask("GET", path, {"errors": list}, 401), wanted))
        renew = {"json": {"refresh": good["refresh"]}}
        fresh = list(
            threads.map(lambda _: web.ask("POST", "auth/token/refresh/", {"access": str}, **renew), wanted)
        )
        web.tokens = {**good, **fresh[-1]}
        list(threads.map(lambda item: web.get(*item), wanted.items()))


def look_through(web: Web) -> None:
    days = web.days()
    assert {day: len(items) for day, items in days.items()} == {"2023-07-01": 3, "2023-07-02": 1}
    cookie = {"Cookie": f"jwt={web.tokens['access']}"}
    for item in days["2023-07-01"]:
        for kind in ("square_thumbnails_small", "square_thumbnails", "thumbnails_big", "photos"):
            shown = web.http.get(f"/media/{kind}/{item['url'].split(';')[0]}", headers=cookie)
            assert (shown.status_code, shown.headers["content-type"][:6]) == (200, "image/")
    # Asked for by mistake while a day loads.
    assert web.http.get("/media/thumbnails_big/3", headers=cookie).status_code == 404
    found = web.get("photos/searchlist/?search=porto")["results"]
    assert [item["url"] for group in found for item in group["items"]] == [days["2023-07-02"][0]["url"]]
    assert web.get("photos/recentlyadded/", {"date": str, "results": [PIG]})["results"]
    assert web.get("photos/notimestamp/?page=1", listed(PIG))["count"] == 0


def change_photos(web: Web) -> None:
    """Every edit is read back where the client reads it."""
    items = web.days()["2023-07-01"]
    first, second, third = (item["url"] for item in items)
    for name, key, view, one in (
        ("favorite", "favorite", "favorite=true", first),
        ("hide", "hidden", "hidden=true", second),
        ("setdeleted", "deleted", "in_trashcan=true", third),
    ):
        for value in (True, False, True):
            told = web.ask("POST", f"photosedit/{name}/", FLAGGED, json={"image_hashes": [one], key: value})
            assert [each["image_hash"] for each in told["updated"]] == [one]
            shown = [item["url"] for each in web.days(view).values() for item in each]
            assert shown == ([one] if value else [])
    assert [item["url"] for item in web.days()["2023-07-01"]] == [first]
    for name, key, one in (("hide", "hidden", second), ("setdeleted", "deleted", third)):
        web.ask("POST", f"photosedit/{name}/", FLAGGED, json={"image_hashes": [one], key: False})
    assert web.days()["2023-07-01"] == [
        {**item, "rating": 4 if item["url"] == first else 0} for item in items
    ]
    caption = {"image_hash": first, "caption": "A tram #lisbon"}
    web.ask("POST", "photosedit/savecaption/", {"status": bool}, json=caption)
    detail = web.get(f"photos/{first}/", PHOTO)
    assert detail["captions_json"]["user_caption"] == "A tram #lisbon"
    assert [each["title"] for each in web.get("albums/thing/list/")["results"]] == ["#lisbon"]
    moved = {"exif_timestamp": "2023-07-03T08:00:00Z"}
    edited = web.ask(
        "PATCH", f"photos/edit/{second}/", {"image_hash": str, "exif_timestamp": str}, json=moved
    )
    assert edited["exif_timestamp"] == moved["exif_timestamp"]
    assert [item["birthTime"] for item in web.days()["2023-07-03"]] == [moved["exif_timestamp"]]


def fill_an_album(web: Web) -> None:
    urls = [item["url"] for items in web.days().values() for item in items]
    made = web.ask("POST", "albums/user/edit/", {"id": int}, 201, json={"title": "Trip", "photos": urls[:2]})
    path = f"albums/user/edit/{made['id']}/"
    change = {"title": "Trip", "photos": urls[2:], "removedPhotos": urls[:1], "cover_photo": urls[1]}
    web.ask("PATCH", path, {"id": int, "title": str, "photos": [str]}, json=change)
    (row,) = web.get("albums/user/list/", listed(ALBUM))["results"]
    assert (row["title"], row["photo_count"], row["cover_photo"]["image_hash"]) == ("Trip", 3, urls[1])
    shape = {"id": str, "title": str, "date": str, "location": str, "grouped_photos": [{"items": [PIG]}]}
    album = web.get(f"albums/user/{made['id']}", shape)
    assert sorted(item["url"] for group in album["grouped_photos"] for item in group["items"]) == sorted(
        urls[1:]
    )
    web.ask("PATCH", f"albums/user/{made['id']}/", {"title": str}, json={"title": "Portugal"})
    assert [each["title"] for each in web.get("albums/user/list/")["results"]] == ["Portugal"]
    web.ask("DELETE", f"albums/user/{made['id']}/", status=204)
    assert web.get("albums/user/list/")["count"] == 0


def tell_settings(web: Web, user_id: int) -> None:
    """The client sends the whole object back, with what it changed in it."""
    whole = web.get(f"user/{user_id}/", USER)
    for name in ("predefinedrules", "defaultrules", "timezones"):
        assert isinstance(json.loads(web.get(f"{name}/", str)), list)
    changed = {**whole, "favorite_min_rating": 3, "image_scale": 2}
    assert web.ask("PATCH", f"user/{user_id}/", USER, json=changed) == changed
    assert web.get(f"user/{user_id}/") == changed
    statistics = web.get("stats")
    assert len(statistics) == 10
    assert all(type(value) is int for value in statistics.values())
    assert statistics["num_photos"] == 4
    jobs = web.get("jobs/?page=1&page_size=10", listed(JOB))["results"]
    assert all(
        each["result"]["progress"] == {"current": 4, "target": 4} for each in jobs if each["job_type"] == 1
    )
    changes = web.get("albums/date/list/?last_modified=2020-01-01T00:00:00Z")["results"]
    assert sum(day["numberOfItems"] for day in changes) == 4


def leave(web: Web) -> None:
    web.ask("POST", "auth/token/blacklist/", json={"refresh": web.tokens["refresh"]})
    web.ask("GET", "rqavailable/", {"errors": list}, 401)
