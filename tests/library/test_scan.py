"""What a scan makes of the files in a folder, and of what happens to them afterwards."""

import os
import shutil
from pathlib import Path

import pytest

from tests.library.scanning import Library, draw


def paths(library: Library) -> list[list[str]]:
    """The paths of each photo, relative to the library."""
    return [
        [path.removeprefix(f"{library.folder}/") for path in photo["paths"]] for photo in library.photos()
    ]


def test_a_scan_turns_pictures_into_photos(library: Library) -> None:
    draw(library.folder / "a.jpg", 1, taken="2023:07:01 14:05:09")
    draw(library.folder / "trip" / "b.jpg", 2)
    job = library.scan()
    assert (job["failed"], job["cancelled"], job["job_type"]) == (False, False, 1)
    assert (job["progress_current"], job["progress_target"]) == (2, 2)
    assert job["result"]["progress"] == {"current": 2, "target": 2}
    assert paths(library) == [["a.jpg"], ["trip/b.jpg"]]
    first, second = library.photos()
    assert (first["taken_local"], second["taken_local"]) == ("2023-07-01T14:05:09", None)
    assert first["image_hash"].endswith(str(library.owner.user_id))
    assert first["aspect_ratio"] == 1.5
    thumbnail = library.instance.data / "derived" / "thumbnails_big" / first["image_hash"][:2]
    assert (thumbnail / f"{first['image_hash']}.webp").is_file()


def test_days_and_owners_are_counted(library: Library) -> None:
    for number in range(3):
        draw(library.folder / f"{number}.jpg", number, taken="2023:07:01 14:05:09")
    draw(library.folder / "undated.jpg", 9)
    library.scan()
    owner = library.owner.user_id
    days = library.rows(f"SELECT date, photo_count FROM day WHERE owner_id = {owner} ORDER BY photo_count")
    assert days == [(None, 1), ("2023-07-01", 3)]
    assert library.rows(f'SELECT photo_count FROM "user" WHERE id = {owner}') == [(4,)]


def test_a_second_scan_changes_and_reads_nothing(library: Library) -> None:
    draw(library.folder / "a.jpg", 1)
    library.scan()
    before = library.photos()
    (library.folder / "a.jpg").chmod(0)
    assert library.scan()["result"]["new_or_changed"] == 0
    assert library.photos() == before


def test_a_moved_file_keeps_its_photo_and_all_that_belongs_to_it(library: Library) -> None:
    draw(library.folder / "a.jpg", 1)
    library.scan()
    before = library.photos()[0]
    (library.folder / "later").mkdir()
    (library.folder / "a.jpg").rename(library.folder / "later" / "renamed.jpg")
    library.scan()
    (after,) = library.photos()
    assert (after["uuid"], after["image_hash"]) == (before["uuid"], before["image_hash"])
    assert paths(library) == [["later/renamed.jpg"]]
    assert after["missing"] == []
    assert set(library.files()) == {"later/renamed.jpg"}
    (text,) = library.rows(f"SELECT search_captions FROM photo_metadata WHERE photo_id = {after['id']}")
    assert "later/renamed.jpg" in text[0]


def test_a_file_moved_by_copying_keeps_its_photo(library: Library) -> None:
    draw(library.folder / "a.jpg", 1)
    library.scan()
    before = library.photos()[0]
    shutil.copyfile(library.folder / "a.jpg", library.folder / "copied.jpg")
    (library.folder / "a.jpg").unlink()
    library.scan()
    (after,) = library.photos()
    assert after["uuid"] == before["uuid"]
    assert paths(library) == [["copied.jpg"]]
    assert after["main_file_id"] != before["main_file_id"]


def test_a_copy_is_another_path_of_the_same_photo(library: Library) -> None:
    draw(library.folder / "a.jpg", 1)
    library.scan()
    shutil.copyfile(library.folder / "a.jpg", library.folder / "b.jpg")
    library.scan()
    assert paths(library) == [["a.jpg", "b.jpg"]]


def test_equal_files_in_one_scan_become_one_photo(library: Library) -> None:
    for name in ("a.jpg", "b.jpg", "c/d.jpg"):
        draw(library.folder / name, 1)
    library.scan()
    assert paths(library) == [["a.jpg", "b.jpg", "c/d.jpg"]]


def test_another_picture_under_a_known_name_gives_the_photo_a_new_hash(library: Library) -> None:
    draw(library.folder / "a.jpg", 1)
    library.scan()
    before = library.photos()[0]
    draw(library.folder / "a.jpg", 77, size=(64, 96))
    library.scan()
    (after,) = library.photos()
    assert after["uuid"] == before["uuid"]
    assert after["image_hash"] != before["image_hash"]
    big = library.instance.data / "derived" / "thumbnails_big"
    assert (big / after["image_hash"][:2] / f"{after['image_hash']}.webp").is_file()
    assert not (big / before["image_hash"][:2] / f"{before['image_hash']}.webp").exists()


def test_a_retagged_file_keeps_photo_and_hash_and_moves_to_its_new_day(library: Library) -> None:
    draw(library.folder / "a.jpg", 1, taken="2023:07:01 14:05:09")
    library.scan()
    before = library.photos()[0]
    draw(library.folder / "a.jpg", 1, taken="2024:01:02 03:04:05")
    library.scan()
    (after,) = library.photos()
    assert (after["uuid"], after["image_hash"]) == (before["uuid"], before["image_hash"])
    assert after["taken_local"] == "2024-01-02T03:04:05"
    days = library.rows(
        f"SELECT date, photo_count FROM day WHERE owner_id = {library.owner.user_id} ORDER BY date"
    )
    assert days == [("2023-07-01", 0), ("2024-01-02", 1)]


def test_one_copy_that_is_overwritten_leaves_the_other_its_photo(library: Library) -> None:
    for name in ("a.jpg", "b.jpg"):
        draw(library.folder / name, 1)
    library.scan()
    before = library.photos()[0]
    draw(library.folder / "a.jpg", 77, size=(64, 96))
    library.scan()
    photos = library.photos()
    assert paths(library) == [["a.jpg"], ["b.jpg"]]
    assert photos[1]["uuid"] == before["uuid"]


def test_bad_files_cost_only_themselves_and_say_why(library: Library) -> None:
    draw(library.folder / "good.jpg", 1)
    draw(library.folder / "cut.jpg", 2, size=(400, 300))
    cut = library.folder / "cut.jpg"
    cut.write_bytes(cut.read_bytes()[:700])
    (library.folder / "empty.jpg").touch()
    (library.folder / "notes.jpg").write_text("this is no picture, whatever its name says")
    (library.folder / "paper.pdf").write_bytes(b"%PDF-1.7 and so on")
    job = library.scan()
    assert not job["failed"]
    assert job["result"]["status"] == "partial_failure"
    assert job["result"]["error_count"] == 1
    assert paths(library) == [["good.jpg"]]
    files = library.files()
    assert files["cut.jpg"][0] == "failed"
    assert {name: files[name][0] for name in ("empty.jpg", "notes.jpg", "paper.pdf")} == dict.fromkeys(
        ("empty.jpg", "notes.jpg", "paper.pdf"), "skipped"
    )
    assert all(reason for name, (_, reason) in files.items() if name != "good.jpg")


HOSTILE = (
    b"new\nline.jpg",
    b"-rf.jpg",
    b"quote'\".jpg",
    b"%s {} $(id) `id`.jpg",
    b"latin-\xe9\xff.jpg",
    b"[page=3].jpg",
    "ünï-写真.jpg".encode(),
    b"a..b...jpg",
    b"x" * 251 + b".jpg",
)


def test_every_possible_name_works(library: Library) -> None:
    top = os.fsencode(library.folder)
    for number, name in enumerate(HOSTILE):
        draw(os.path.join(top, name), number)
    job = library.scan()
    assert "status" not in job["result"], job
    assert len(library.photos()) == len(HOSTILE)
    rows = library.rows(f"SELECT path_bytes FROM file WHERE owner_id = {library.owner.user_id}")
    assert {bytes(row[0]) for row in rows} == {os.path.join(top, name) for name in HOSTILE}
    assert library.scan()["result"]["new_or_changed"] == 0


def test_hidden_names_are_passed_over(library: Library) -> None:
    draw(library.folder / ".hidden.jpg", 1)
    draw(library.folder / ".trash" / "a.jpg", 2)
    library.scan()
    assert library.files() == {}


def test_links_within_the_library_are_followed_without_end(library: Library) -> None:
    shared = library.instance.library / f"shared-{library.owner.user_id}"
    draw(shared / "s.jpg", 1)
    draw(library.folder / "own" / "a.jpg", 2)
    (library.folder / "link").symlink_to(shared)
    (library.folder / "own" / "loop").symlink_to(library.folder)
    (shared / "loop").symlink_to(shared)
    job = library.scan()
    assert paths(library) == [["link/s.jpg"], ["own/a.jpg"]]
    assert not job["failed"]


def test_links_that_lead_outside_or_to_others_are_reported_and_left_alone(
    library: Library, outside: Path
) -> None:
    other = Library.make(library.instance)
    draw(other.folder / "theirs.jpg", 1)
    draw(outside / "secret.jpg", 2)
    (library.folder / "outside").symlink_to(outside)
    (library.folder / "theirs").symlink_to(other.folder)
    (library.folder / "file.jpg").symlink_to(other.folder / "theirs.jpg")
    (library.folder / "nowhere").symlink_to("/does/not/exist")
    result = library.scan()["result"]
    assert library.files() == {}
    assert result["not_followed_count"] == 4
    assert {remark["path"].rsplit("/", 1)[1] for remark in result["not_followed"]} == {
        *("outside", "theirs", "file.jpg", "nowhere")
    }


def test_another_users_folder_inside_the_own_one_is_not_entered(library: Library) -> None:
    inner = library.folder / "theirs"
    draw(inner / "a.jpg", 1)
    library.instance.add_user(scan_directory=str(inner))
    assert library.scan()["result"]["not_followed_count"] == 1
    assert library.files() == {}


def test_a_full_scan_evaluates_the_date_rules_again(library: Library) -> None:
    draw(library.folder / "20200102_030405.jpg", 1, taken="2023:07:01 14:05:09")
    library.scan()
    rules = '[{"id":3,"name":"by name","rule_type":"path","is_default":true}]'
    with library.instance.db.transaction() as tx:
        tx.connection.execute(
            f"UPDATE \"user\" SET datetime_rules = '{rules}' WHERE id = {library.owner.user_id}"
        )
    library.scan()
    assert library.photos()[0]["taken_local"] == "2023-07-01T14:05:09"
    library.scan("/api/fullscanphotos/")
    assert library.photos()[0]["taken_local"] == "2020-01-02T03:04:05"


XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 photoshop:DateCreated="2001-02-03T04:05:06" xmp:Rating="4"/></rdf:RDF></x:xmpmeta>"""


@pytest.mark.parametrize("name", ["a.xmp", "a.jpg.xmp"])
def test_a_sidecar_that_comes_later_overrides_the_file(library: Library, name: str) -> None:
    draw(library.folder / "a.jpg", 1, taken="2023:07:01 14:05:09")
    library.scan()
    (library.folder / name).write_text(XMP)
    library.scan()
    (photo,) = library.photos()
    assert photo["taken_local"] == "2001-02-03T04:05:06"
    assert library.files()[name] == ("photo", "")


def test_a_sidecar_alone_is_set_aside(library: Library) -> None:
    (library.folder / "lonely.xmp").write_text(XMP)
    library.scan()
    assert library.files()["lonely.xmp"][0] == "skipped"
    assert library.photos() == []


def test_a_sidecar_that_is_changed_and_then_deleted_is_read_and_forgotten(library: Library) -> None:
    draw(library.folder / "a.jpg", 1, taken="2023:07:01 14:05:09")
    draw(library.folder / "b.jpg", 2)
    (library.folder / "a.xmp").write_text(XMP)
    library.scan()
    assert library.photos()[0]["taken_local"] == "2001-02-03T04:05:06"
    assert library.files()["a.xmp"] == ("photo", "")
    (library.folder / "a.xmp").write_text(XMP.replace("2001-02-03", "2002-02-03"))
    library.scan()
    assert library.photos()[0]["taken_local"] == "2002-02-03T04:05:06"
    (library.folder / "a.xmp").unlink()
    job = library.scan()
    assert library.photos()[0]["taken_local"] == "2023-07-01T14:05:09"
    assert library.photos()[0]["missing"] == []
    assert (job["progress_current"], job["progress_target"]) == (2, 2)
    assert set(library.files()) == {"a.jpg", "b.jpg"}


def thumbnails(library: Library, image_hash: str) -> list[Path]:
    derived = library.instance.data / "derived"
    kinds = ("thumbnails_big", "square_thumbnails", "square_thumbnails_small")
    return [derived / kind / image_hash[:2] / f"{image_hash}.webp" for kind in kinds]


def test_a_full_scan_makes_deleted_thumbnails_again(library: Library) -> None:
    draw(library.folder / "a.jpg", 1, taken="2023:07:01 14:05:09")
    draw(library.folder / "b.jpg", 2)
    library.scan()
    # Retagged, so that the thumbnails are not called by what the file is now.
    draw(library.folder / "a.jpg", 1, taken="2024:01:02 03:04:05")
    library.scan()
    before = library.photos()
    lost = [path for photo in before for path in thumbnails(library, photo["image_hash"])]
    for path in lost:
        path.unlink()
    library.scan("/api/fullscanphotos/")
    assert all(path.is_file() for path in lost)
    assert library.photos() == before


def test_faces_of_another_picture_do_not_stay(library: Library) -> None:
    draw(library.folder / "a.jpg", 1)
    draw(library.folder / "b.jpg", 2)
    library.scan()
    with library.instance.db.transaction() as tx:
        for photo in library.photos():
            tx.connection.execute(f"INSERT INTO face (photo_id) VALUES ({photo['id']})")
    changed, same = library.photos()
    draw(library.folder / "a.jpg", 77, size=(64, 96))
    draw(library.folder / "b.jpg", 2, taken="2024:01:02 03:04:05")
    library.scan()
    found = library.rows(f"SELECT photo_id FROM face WHERE photo_id IN ({changed['id']}, {same['id']})")
    assert found == [(same["id"],)]


def test_a_rescan_opens_no_file(library: Library) -> None:
    path = library.folder / "a.jpg"
    draw(path, 1)
    library.scan()
    old = path.stat().st_mtime - 3 * 86400
    os.utime(path, (old, path.stat().st_mtime))
    library.scan()
    assert path.stat().st_atime == pytest.approx(old, abs=1)
    # Whether this file system tells of reads at all.
    path.read_bytes()
    if path.stat().st_atime == pytest.approx(old, abs=1):
        pytest.skip("this file system does not keep the time of access")


def test_names_with_a_skip_pattern_are_passed_over(library: Library) -> None:
    draw(library.folder / "keep.jpg", 1)
    draw(library.folder / "@eaDir" / "thumb.jpg", 2)
    draw(library.folder / "b_small.jpg", 3)
    with library.instance.db.transaction() as tx:
        tx.connection.execute(
            "INSERT INTO site_setting (name, value) VALUES ('skip_patterns', '\"@eaDir, _small.\"')"
        )
    try:
        library.scan()
        assert set(library.files()) == {"keep.jpg"}
    finally:
        with library.instance.db.transaction() as tx:
            tx.connection.execute("DELETE FROM site_setting WHERE name = 'skip_patterns'")
    library.scan()
    assert set(library.files()) == {"keep.jpg", "@eaDir/thumb.jpg", "b_small.jpg"}
