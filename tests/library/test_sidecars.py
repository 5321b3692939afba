"""What other programs write into sidecars and files: Lightroom, darktable, digiKam, Apple, Windows, Google."""

from pathlib import Path
from typing import Any

import pytest

from tests.library.pictures import draw_raw, write_tags
from tests.library.scanning import Library, draw
from tests.library.test_pairs import change, detail, living

SPACES = {
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "MicrosoftPhoto": "http://ns.microsoft.com/photo/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
}


def xmp(attributes: str = "", inner: str = "") -> str:
    names = " ".join(f'xmlns:{short}="{name}"' for short, name in SPACES.items())
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {names} {attributes}>{inner}</rdf:Description></rdf:RDF></x:xmpmeta>'
    )


def bag(name: str, *words: str, kind: str = "Bag") -> str:
    items = "".join(f"<rdf:li>{word}</rdf:li>" for word in words)
    return f"<{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>"


def caption(**languages: str) -> str:
    items = "".join(
        f'<rdf:li xml:lang="{key.replace("_", "-")}">{text}</rdf:li>' for key, text in languages.items()
    )
    return f"<dc:description><rdf:Alt>{items}</rdf:Alt></dc:description>"


def told(library: Library) -> dict[str, Any]:
    return detail(library, living(library)["uuid"])


def tags_of(library: Library) -> list[tuple[str, str]]:
    return sorted(
        library.rows(
            "SELECT tag.name, photo_tag.source FROM photo_tag JOIN tag ON tag.id = photo_tag.tag_id "
            "WHERE photo_id = :id",
            id=living(library)["id"],
        )
    )


def keywords_of(library: Library) -> Any:
    (row,) = library.rows(
        "SELECT keywords FROM photo_metadata WHERE photo_id = :id", id=living(library)["id"]
    )
    return row[0]


@pytest.mark.parametrize("name", ["a.xmp", "a.jpg.xmp", "a.jpg.XMP"])
def test_lightrooms_and_darktables_words(library: Library, name: str) -> None:
    draw(library.folder / "a.jpg", 1)
    inner = bag("dc:subject", "tram", "lisbon") + bag(
        "lr:hierarchicalSubject", "Places|Portugal|lisbon", "Things|wheel"
    )
    inner += caption(x_default="Eine Bahn")
    position = 'exif:GPSLatitude="38,42.6N" exif:GPSLongitude="9,8.4W"'
    (library.folder / name).write_text(xmp(f'xmp:Rating="4" {position}', inner))
    library.scan()
    found = told(library)
    assert (found["rating"], found["captions_json"]["user_caption"]) == (4, "Eine Bahn")
    assert (round(found["exif_gps_lat"], 3), round(found["exif_gps_lon"], 3)) == (38.71, -9.14)
    assert keywords_of(library) == '["lisbon","tram","wheel"]'
    assert tags_of(library) == [("lisbon", "file"), ("tram", "file"), ("wheel", "file")]


def test_digikams_tags_and_the_percents_of_windows(library: Library) -> None:
    draw(library.folder / "a.jpg", 1)
    inner = bag("digiKam:TagsList", "People/Ann", "Places/Porto", kind="Seq")
    (library.folder / "a.jpg.xmp").write_text(xmp('MicrosoftPhoto:Rating="75"', inner))
    library.scan()
    assert told(library)["rating"] == 4
    assert keywords_of(library) == '["Ann","Porto"]'


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        ({"x_default": "default", "de": "deutsch"}, "default"),
        ({"de": "deutsch"}, "deutsch"),
        ({"pt": "português", "de": "deutsch"}, "deutsch"),
    ],
)
def test_a_caption_in_any_language_will_do(
    library: Library, languages: dict[str, str], expected: str
) -> None:
    draw(library.folder / "a.jpg", 1)
    (library.folder / "a.xmp").write_text(xmp(inner=caption(**languages)))
    library.scan()
    assert told(library)["captions_json"]["user_caption"] == expected


@pytest.mark.parametrize(("rating", "stars"), [("-1", 0), ("0", 0), ("5", 5), ("9", 5)])
def test_ratings_stay_in_their_range(library: Library, rating: str, stars: int) -> None:
    draw(library.folder / "a.jpg", 1)
    (library.folder / "a.xmp").write_text(xmp(f'xmp:Rating="{rating}"'))
    library.scan()
    assert told(library)["rating"] == stars


def test_words_inside_the_file_are_read_together(library: Library) -> None:
    path = library.folder / "a.jpg"
    draw(path, 1)
    write_tags(path, XMP_Subject=["tram", "river"], IPTC_Keywords=["tram", "bridge"])
    library.scan()
    assert keywords_of(library) == '["bridge","river","tram"]'


def test_words_that_a_file_loses_go_and_those_a_person_added_stay(library: Library) -> None:
    draw(library.folder / "a.jpg", 1)
    sidecar = library.folder / "a.xmp"
    sidecar.write_text(xmp('xmp:Rating="3"', bag("dc:subject", "tram", "river")))
    library.scan()
    photo = living(library)["id"]
    change(library, f'UPDATE photo_metadata SET keywords = \'["mine","tram"]\' WHERE photo_id = {photo}')
    owner = library.owner.user_id
    change(library, f"INSERT INTO tag (owner_id, name, modified_at) VALUES ({owner}, 'mine', 1)")
    change(
        library,
        "INSERT INTO photo_tag (tag_id, photo_id, source) "
        f"SELECT id, {photo}, 'user' FROM tag WHERE owner_id = {owner} AND name = 'mine'",
    )
    library.scan("/api/fullscanphotos/")
    # The person took "river" away, which the file still says.
    assert keywords_of(library) == '["mine","tram"]'
    sidecar.write_text(xmp('xmp:Rating="3"', bag("dc:subject", "river", "bridge")))
    library.scan()
    assert keywords_of(library) == '["bridge","mine"]'
    assert tags_of(library) == [("bridge", "file"), ("mine", "user")]


def test_what_a_person_typed_stays_when_the_file_is_read_again(library: Library) -> None:
    draw(library.folder / "a.jpg", 1, taken="2023:07:01 14:05:09")
    sidecar = library.folder / "a.xmp"
    position = 'exif:GPSLatitude="38,42.6N" exif:GPSLongitude="9,8.4W"'
    sidecar.write_text(xmp(f'xmp:Rating="3" {position}', caption(x_default="of the file")))
    library.scan()
    sidecar.write_text(xmp(f'xmp:Rating="2" {position}', caption(x_default="of the file, again")))
    library.scan()
    found = told(library)
    assert (found["rating"], found["captions_json"]["user_caption"]) == (2, "of the file, again")
    photo = living(library)["id"]
    typed = '{"user_caption":"of a person"}'
    change(library, f"UPDATE photo SET rating = 5, user_position = '[1.5,2.5]' WHERE id = {photo}")
    change(library, f"UPDATE photo_metadata SET captions = '{typed}' WHERE photo_id = {photo}")
    sidecar.write_text(xmp('xmp:Rating="1"', caption(x_default="once more")))
    library.scan()
    found = told(library)
    assert (found["rating"], found["captions_json"]["user_caption"]) == (5, "of a person")
    assert (found["exif_gps_lat"], found["exif_gps_lon"]) == (1.5, 2.5)
    draw(library.folder / "a.jpg", 1, taken="2024:07:01 14:05:09")
    library.scan()
    assert (told(library)["rating"], living(library)["taken_local"]) == (5, "2024-07-01T14:05:09")


def test_a_position_that_left_the_file_leaves_the_photo(library: Library) -> None:
    draw(library.folder / "a.jpg", 1)
    sidecar = library.folder / "a.xmp"
    sidecar.write_text(xmp('exif:GPSLatitude="38,42.6N" exif:GPSLongitude="9,8.4W"'))
    library.scan()
    assert told(library)["exif_gps_lat"] is not None
    sidecar.unlink()
    library.scan()
    assert told(library)["exif_gps_lat"] is None


@pytest.mark.parametrize("order", [("a.jpg", "a.nef", "a.nef.xmp"), ("a.nef", "a.nef.xmp", "a.jpg"), ()])
def test_the_sidecar_of_the_raw_half_speaks_of_the_photo(library: Library, order: tuple[str, ...]) -> None:
    def add(name: str) -> None:
        path: Path = library.folder / name
        if name.endswith(".xmp"):
            path.write_text(xmp('xmp:Rating="4"', bag("dc:subject", "tram")))
        elif name.endswith(".nef"):
            draw_raw(path, 1)
        else:
            draw(path, 1)

    for name in order or ("a.nef.xmp", "a.nef", "a.jpg"):
        add(name)
        if order:
            library.scan()
    library.scan()
    assert (told(library)["rating"], keywords_of(library)) == (4, '["tram"]')
    (library.folder / "a.xmp").write_text(xmp('xmp:Rating="2"'))
    library.scan()
    assert (told(library)["rating"], keywords_of(library)) == (2, '["tram"]')


def test_a_damaged_sidecar_costs_only_itself(library: Library) -> None:
    draw(library.folder / "a.jpg", 1, taken="2023:07:01 14:05:09")
    (library.folder / "a.xmp").write_text(xmp('xmp:Rating="4"')[:300])
    assert not library.scan()["failed"]
    assert living(library)["taken_local"] == "2023-07-01T14:05:09"
