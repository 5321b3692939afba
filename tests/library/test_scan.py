"""What a scan makes of the files in a folder."""

from tests.library.scanning import Library, draw


def test_a_scan_turns_pictures_into_photos(library: Library) -> None:
    draw(library.folder / "a.jpg", 1, taken="2023:07:01 14:05:09")
    draw(library.folder / "trip" / "b.jpg", 2)
    job = library.scan()
    assert (job["failed"], job["cancelled"]) == (False, False), library.log()
    photos = library.photos()
    assert [photo["paths"] for photo in photos] == [
        [f"{library.folder}/a.jpg"],
        [f"{library.folder}/trip/b.jpg"],
    ]
    assert photos[0]["taken_local"] == "2023-07-01T14:05:09"
