"""What somebody said of a photo, or that they deleted it, stands against later scans."""

import httpx

from tests.library.scanning import Library, draw


def signed_in(library: Library) -> httpx.Client:
    return library.instance.client(library.owner.bearer)


def test_a_full_scan_keeps_what_somebody_said(library: Library) -> None:
    draw(library.folder / "a.jpg", 1, taken="2023:07:01 14:05:09")
    library.scan()
    (photo,) = library.photos()
    path = f"/api/photos/edit/{photo['uuid']}/"
    body = {"exif_timestamp": "2020-05-06T07:08:09Z", "exif_gps_lat": 38.71, "exif_gps_lon": -9.14}
    with signed_in(library) as client:
        edited = client.patch(path, json=body).json()
        library.scan("/api/fullscanphotos/")
        assert client.get(path).json() == edited
        assert (
            client.patch(path, json={"exif_timestamp": None}).json()["exif_timestamp"]
            == "2023-07-01T14:05:09Z"
        )
    (photo,) = library.photos()
    assert photo["taken_local"] == "2023-07-01T14:05:09"


def test_a_deleted_photo_stays_deleted_until_its_file_comes_back(library: Library) -> None:
    draw(library.folder / "a.jpg", 1)
    draw(library.folder / "b.jpg", 2)
    library.scan()
    first, second = library.photos()
    picture = (library.folder / "a.jpg").read_bytes()
    names = {"image_hashes": [first["image_hash"]]}
    with signed_in(library) as client:
        client.post("/api/photosedit/setdeleted/", json={**names, "deleted": True})
        answer = client.request("DELETE", "/api/photosedit/delete/", json=names)
        assert answer.json()["deleted"] == names["image_hashes"]
        assert not (library.folder / "a.jpg").exists()
        library.scan("/api/fullscanphotos/")
        assert [photo["is_removed"] for photo in library.photos() if photo["id"] == first["id"]] == [True]
        assert client.get(f"/api/photos/{second['uuid']}/").status_code == 200
        (library.folder / "back.jpg").write_bytes(picture)
        library.scan()
        detail = client.get(f"/api/photos/{first['uuid']}/").json()
    assert (detail["removed"], detail["in_trashcan"]) == (False, False)
    assert detail["image_path"] == [str(library.folder / "back.jpg")]
