"""What files, folders and people say of photos is planted everywhere, and looked for in all that visitors can fetch."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from librephotos.accounts.guard import anyone, rule_of
from librephotos.app import ROUTES
from tests.library.pictures import write_tags
from tests.library.scanning import Library, draw
from tests.library.test_face_regions import BOX, region
from tests.videos import make_video

# In no picture, word or number by chance.
MARK = "Zq7"
LAT, LON = 38.7123456, 9.1423456
PLANTED = {
    "IFD0_Make": "Make", "IFD0_Model": "Model", "IFD0_Artist": "Artist", "IFD0_Copyright": "Copyright",
    "IFD0_ImageDescription": "Description", "IFD0_Software": "Software", "IFD0_HostComputer": "Host",
    "ExifIFD_SerialNumber": "Serial", "ExifIFD_LensModel": "Lens", "ExifIFD_LensSerialNumber": "LensSerial",
    "ExifIFD_OwnerName": "Owner", "ExifIFD_UserComment": "Comment", "ExifIFD_ImageUniqueID": "Unique",
    "IFD0_XPTitle": "XpTitle", "IFD0_XPKeywords": "XpKeywords",
    "XMP__dc_Title": "Title", "XMP__dc_Description": "XmpDescription", "XMP__dc_Creator": "Creator",
    "XMP__dc_Subject": "Subject", "XMP__photoshop_City": "City", "XMP__photoshop_Country": "Country",
    "XMP__iptcExt_PersonInImage": "Person", "XMP__xmp_CreatorTool": "Tool",
    "IPTC_Keywords": "Keyword", "IPTC_Caption-Abstract": "Caption", "IPTC_City": "IptcCity", "IPTC_By-line": "ByLine",
}  # fmt: skip
VIDEO = {"title": f"{MARK}VideoTitle", "comment": f"{MARK}VideoComment", "location": "+38.7123+009.1423/"}
# Text in any of the encodings that metadata uses, the position as text, and the containers themselves.
FORBIDDEN = [
    *(MARK.encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be")),
    *(b"38.71", b"9.142", b"2019-05", b"2019:05", b"Lisbo", b"EXIF", b"Exif\x00", b"XMP ", b"ns.adobe.com"),
    *(b"Photoshop 3.0", b"\xa9xyz", b"\xa9nam", b"\xa9cmt"),
]


@pytest.fixture
def planted(library: Library) -> Library:
    folder = library.folder / f"{MARK}Folder"
    photo, video = folder / f"{MARK}Name.jpg", folder / f"{MARK}Film.mp4"
    draw(photo, 7, size=(800, 600), taken="2019:05:06 07:08:09")
    tags = {name: f"{MARK}{value}" for name, value in PLANTED.items()}
    position = {
        "GPS_GPSLatitude": LAT,
        "GPS_GPSLatitudeRef": "N",
        "GPS_GPSLongitude": LON,
        "GPS_GPSLongitudeRef": "W",
    }
    write_tags(photo, **tags, **position, XMP_RegionInfo=region(800, 600, BOX, f"{MARK}Face"))
    sidecar = photo.with_suffix(".xmp")
    write_tags(sidecar, XMP__dc_Description=f"{MARK}Sidecar", XMP__photoshop_State=f"{MARK}State")
    video.write_bytes(make_video(metadata=VIDEO, with_sound=True))
    library.scan()
    with library.instance.client(library.owner.bearer) as client:
        names = {"first_name": f"{MARK}First", "last_name": f"{MARK}Last", "email": f"{MARK}@example.com"}
        assert client.patch(f"/api/user/{library.owner.user_id}/", json=names).status_code == 200
        for uuid in photos_of(library).values():
            caption = {"image_hash": uuid, "caption": f"{MARK}Said #{MARK}Hash"}
            assert client.post("/api/photosedit/savecaption/", json=caption).status_code == 200
            title = {"title": f"{MARK}Edited", "keywords": [f"{MARK}Word"]}
            assert client.patch(f"/api/photos/{uuid}/metadata/", json=title).status_code == 200
            tag = client.post("/api/tags/", json={"name": f"{MARK}Tag"}).json()["id"]
            assert client.post(f"/api/tags/{tag}/add/", json={"photos": [uuid]}).status_code == 200
    return library


def photos_of(library: Library) -> dict[str, str]:
    """The UUIDs by the hashes."""
    sql = f"SELECT image_hash, uuid FROM photo WHERE owner_id = {library.owner.user_id} AND aspect_ratio IS NOT NULL"
    return dict(library.rows(sql))


def addresses(library: Library, album: int, slugs: list[str]) -> Iterator[str]:
    """Everything that somebody without an account may ask for and that has to do with these photos."""
    names = [name for pair in photos_of(library).items() for name in pair]
    days = [row[0] for row in library.rows(f"SELECT id FROM day WHERE owner_id = {library.owner.user_id}")]
    fillings: dict[str, list[Any]] = {
        "slug": slugs, "photo_id": names, "album_id": [album, *days], "user_id": [library.owner.user_id],
        "kind": ["thumbnail", "video", "photos", "faces"], "name": ["icon.svg"], "shown": names, "sought": ["x"],
    }  # fmt: skip
    for route in ROUTES:
        if "GET" not in route.http_methods or rule_of(route) is not anyone:
            continue
        for path in route.paths:
            found = [path]
            for name, values in fillings.items():
                slot = f"{{{name}:str}}"
                found = [
                    each.replace(slot, str(value)) for each in found for value in values if slot in each
                ] or found
            yield from found
            yield from (f"{each}?public=1&username={library.owner.username}" for each in found)
    faces = [row[0].rsplit("/", 1)[-1] for row in library.rows(
        f"SELECT image FROM face JOIN photo ON photo.id = face.photo_id WHERE owner_id = {library.owner.user_id}"
    )]  # fmt: skip
    for kind in (
        "thumbnails_big",
        "square_thumbnails",
        "square_thumbnails_small",
        "photos",
        "video",
        "embedded_media",
    ):
        yield from (f"/media/{kind}/{name}{end}" for name in names for end in ("", ".jpg", "?transcode=1"))
    yield from (f"/media/faces/{name}" for name in faces)


def without_owners(content: bytes) -> bytes:
    """An album's page says whose it is, as published; nothing else may."""

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: strip(each) for name, each in value.items() if name != "owner"}
        return [strip(each) for each in value] if isinstance(value, list) else value

    return json.dumps(strip(json.loads(content)), ensure_ascii=False).encode()


def found_in(answer: httpx.Response) -> list[bytes]:
    content = answer.content
    if answer.headers.get("content-type", "").startswith("application/json") and content:
        content = without_owners(content)
    headers = " ".join(f"{name}: {value}" for name, value in answer.headers.items()).encode()
    return [word for word in FORBIDDEN if word in content or word in headers]


def test_nothing_that_is_not_shared_is_in_any_byte_that_a_visitor_can_fetch(planted: Library) -> None:
    hashes = list(photos_of(planted))
    assert len(hashes) == 2
    with planted.instance.client(planted.owner.bearer) as client, planted.instance.client() as visitor:
        made = client.post("/api/albums/user/edit/", json={"title": "Shown", "photos": hashes})
        album = made.json()["id"]
        link = client.post("/api/useralbum/makepublic", json={"album_id": album, "val_public": True})
        slugs = [link.json()["album"]["public_slug"]]
        for image_hash in hashes:
            share = client.post("/api/photo/share", json={"photo_id": image_hash}).json()["share"]
            slugs.append(share["slug"])
        asked = list(addresses(planted, album, slugs))
        opened: set[str] = set()
        for path in asked:
            answer = visitor.get(path)
            assert answer.status_code < 500, path
            assert found_in(answer) == [], path
            if answer.status_code == 200:
                opened.add(path.split("?")[0])
        # It has seen what there is to see.
        for image_hash in hashes:
            for kind in ("thumbnails_big", "square_thumbnails", "square_thumbnails_small", "photos"):
                assert f"/media/{kind}/{image_hash}" in opened
        assert {f"/api/public/albums/s/{slugs[0]}", f"/api/public/photo/{slugs[1]}/media/thumbnail"} <= opened
        assert sum(path.endswith("/media/video") for path in opened) == 1
        assert not any(path.startswith(("/media/faces/", "/api/photos/")) for path in opened)
        # And it would find it: everything is there for those who are shown it.
        options = dict.fromkeys(link.json()["album"]["public_sharing_options"], True)
        body = {"album_id": album, "val_public": True, "sharing_options": options}
        assert client.post("/api/useralbum/makepublic", json=body).status_code == 200
        shown = [
            visitor.get(f"/api/public/albums/s/{slugs[0]}/photos/{image_hash}/").text for image_hash in hashes
        ]
        words = "Make", "Lens", "Said", "Face"
        assert [word for word in words if any(f"{MARK}{word}" in text for text in shown)] == list(words)
        assert all(
            f"{MARK}{word}" not in text for word in ("Name", "Folder", "Serial", "Tag") for text in shown
        )
        originals = [visitor.get(f"/media/photos/{image_hash}") for image_hash in hashes]
        assert all(found_in(each) for each in originals)
