"""The jobs that make events and title them, done by a real worker."""

from tests.builders import Builder
from tests.library.scanning import Library


def events(library: Library) -> list[tuple[str, int]]:
    with library.instance.client(library.owner.bearer) as client:
        rows = client.get("/api/albums/auto/list/").json()["results"]
    return [(row["title"], row["photo_count"]) for row in rows]


def test_photos_without_a_long_gap_become_events_once(library: Library) -> None:
    builder = Builder(library.instance)
    for taken in ("2023-07-01T14:05:09", "2023-07-01T18:00:00", "2023-09-04T08:00:00", "2023-09-04T09:00:00"):
        builder.add_photo(library.owner, taken_local=taken, with_files=False)
    builder.add_photo(library.owner, taken_local="2022-01-01T10:00:00", with_files=False)
    builder.add_photo(library.owner, taken_local=None, with_files=False)
    result = library.scan("/api/autoalbumgen/")
    assert (result["job_type_str"], result["result"]["created"]) == ("Generate Event Albums", 2)
    assert events(library) == [("Monday Morning", 2), ("Saturday Afternoon", 2)]
    # A later photo of the same days joins the event.
    builder.add_photo(library.owner, taken_local="2023-07-02T10:00:00", with_files=False)
    result = library.scan("/api/autoalbumgen/")["result"]
    assert (result["created"], result["grown"]) == (0, 1)
    assert events(library) == [("Monday Morning", 2), ("Weekend", 3)]


def test_titles_are_made_again_but_not_those_that_people_gave(library: Library) -> None:
    builder = Builder(library.instance)
    photos = [
        builder.add_photo(library.owner, taken_local=f"2023-07-01T1{hour}:00:00", with_files=False)
        for hour in range(2)
    ]
    library.scan("/api/autoalbumgen/")
    ann = builder.add_person(library.owner, "Ann")
    builder.add_face(photos[0], person_id=ann)
    result = library.scan("/api/autoalbumtitlegen/")
    assert result["job_type_str"] == "Regenerate Event Titles"
    assert events(library) == [("Saturday Morning with Ann", 2)]
    with library.instance.client(library.owner.bearer) as client:
        event = client.get("/api/albums/auto/list/").json()["results"][0]["id"]
        client.patch(f"/api/albums/auto/{event}/", json={"title": "Ours"})
    library.scan("/api/autoalbumtitlegen/")
    assert events(library) == [("Ours", 2)]
