"""A scan is followed by the places of its photos, and so is every change of a position."""

from PIL import Image

from tests.library.scanning import Library

EARTH = {"lisbon": (38.7139, -9.1394), "at sea": (30.0, -40.0)}


def draw_at(library: Library, name: str, seed: int, latitude: float, longitude: float) -> None:
    def degrees(value: float) -> tuple[float, float, float]:
        return abs(value), 0.0, 0.0

    exif = Image.Exif()
    exif[0x8769] = {0x9003: "2023:07:01 14:05:09"}
    exif[0x8825] = {
        1: "N" if latitude >= 0 else "S",
        2: degrees(latitude),
        3: "E" if longitude >= 0 else "W",
        4: degrees(longitude),
    }
    Image.new("RGB", (96, 64), (seed * 53 % 256, seed * 97 % 256, 90)).save(library.folder / name, exif=exif)


def wait_for_places(library: Library) -> dict[str, object]:
    """Wait for the job that a scan leaves behind, and return its result."""
    with library.instance.client(library.owner.bearer) as client:
        jobs = client.get("/api/jobs/").json()["results"]
    follow_up = next(job for job in jobs if job["job_type"] == 11)
    assert follow_up["job_type_str"] == "Add Geolocation"
    result: dict[str, object] = library.wait(follow_up["job_id"])["result"]
    return result


def test_a_scan_names_the_places_of_its_photos(library: Library) -> None:
    draw_at(library, "lisbon.jpg", 1, *EARTH["lisbon"])
    draw_at(library, "sea.jpg", 2, *EARTH["at sea"])
    library.scan()
    result = wait_for_places(library)
    assert (result["looked_up"], result["nowhere"]) == (2, 1)
    with library.instance.client(library.owner.bearer) as client:
        details = {
            detail["image_path"][0].rpartition("/")[2]: detail
            for detail in client.get("/api/photos/").json()["results"]
        }
        days = client.get("/api/albums/date/list/").json()["results"]
    lisbon = details["lisbon.jpg"]["geolocation_json"]
    assert lisbon["places"][-1] == "Portugal"
    assert lisbon["_v"] == "1"
    assert details["lisbon.jpg"]["search_location"] == lisbon["address"]
    assert (lisbon["city"], lisbon["country"]) == (lisbon["places"][0], "Portugal")
    assert details["sea.jpg"]["geolocation_json"] is None
    assert details["sea.jpg"]["search_location"] == ""
    assert [day["location"] for day in days] == [lisbon["places"][-2]]
    # Nothing is left to do.
    library.scan()
    assert wait_for_places(library)["looked_up"] == 0
    latitude, longitude = EARTH["lisbon"]
    typed = {"exif_gps_lat": latitude, "exif_gps_lon": longitude}
    with library.instance.client(library.owner.bearer) as client:
        address = f"/api/photos/edit/{details['sea.jpg']['id']}/"
        assert client.patch(address, json=typed).status_code == 200
        assert wait_for_places(library)["looked_up"] == 1
        moved = client.get(f"/api/photos/{details['sea.jpg']['id']}/").json()
        assert moved["geolocation_json"] == lisbon
        told = client.get(f"/api/photos/{details['lisbon.jpg']['id']}/metadata/").json()
        names = [told[f"location_{name}"] for name in ("city", "state", "country")]
        assert names == [lisbon["city"], lisbon["state"], "Portugal"]
        assert told["location_address"] == lisbon["address"] == ", ".join(dict.fromkeys(names))
        (place,) = client.get("/api/albums/place/list/?search=portugal").json()["results"]
        assert place["photo_count"] == 2


def test_a_scanned_photo_is_found_by_its_place_and_its_name(library: Library) -> None:
    draw_at(library, "DSC_0815.jpg", 1, *EARTH["lisbon"])
    library.scan()
    wait_for_places(library)

    def count(search: str) -> int:
        found: int = client.get("/api/photos/searchlist/", params={"search": search, "page": "1"}).json()[
            "count"
        ]
        return found

    with library.instance.client(library.owner.bearer) as client:
        for search in ("portugal", "place:lisbon", "0815", "file:dsc_0815", "has:gps", "2023-07-01"):
            assert count(search) == 1, search
        (library.folder / "DSC_0815.jpg").rename(library.folder / "renamed-4711.jpg")
        library.scan()
        assert (count("4711"), count("0815")) == (1, 0)
