"""Single histories in which a photo could be lost, doubled or mixed up with another; each was once."""

import os
import shutil

from tests.library.in_process import InProcessLibrary
from tests.library.small_pictures import jpeg


def write(library: InProcessLibrary, name: str, content: bytes) -> None:
    """Write a file that lasts beside an anchor: an empty folder is taken for a disk that is away."""
    path = library.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    (library.folder / "anchor.jpg").write_bytes(jpeg(0))


def photo_of(library: InProcessLibrary, name: str) -> int:
    ((photo_id,),) = library.rows(
        f"SELECT photo_id FROM file WHERE path = '{library.folder}/{name}' AND NOT is_missing"
    )
    return photo_id


def count(library: InProcessLibrary) -> int:
    """How many photos there are besides the anchor's."""
    return library.rows(f"SELECT count(*) FROM photo WHERE owner_id = {library.user_id}")[0][0] - 1


def day_of(library: InProcessLibrary, photo_id: int) -> str:
    return library.rows(f"SELECT taken_local FROM photo WHERE id = {photo_id}")[0][0][8:10]


def test_a_file_that_was_renamed_leaves_its_name_to_another_picture(quick_library: InProcessLibrary) -> None:
    library = quick_library
    write(library, "b.jpg", jpeg(1))
    library.scan()
    first = photo_of(library, "b.jpg")
    for renamed in ("a.jpg", "c.jpg"):
        os.rename(library.folder / "b.jpg", library.folder / renamed)
        write(library, "b.jpg", jpeg(len(renamed) + ord(renamed[0])))
        library.scan()
        assert photo_of(library, renamed) == first
        assert photo_of(library, "b.jpg") != first
        os.rename(library.folder / renamed, library.folder / "b.jpg")
        library.scan()
        assert photo_of(library, "b.jpg") == first


def test_names_that_were_numbered_anew_keep_their_photos(quick_library: InProcessLibrary) -> None:
    library = quick_library
    for number in range(5):
        write(library, f"{number}.jpg", jpeg(number + 1))
    library.scan()
    before = [photo_of(library, f"{number}.jpg") for number in range(5)]
    for number in reversed(range(5)):
        os.rename(library.folder / f"{number}.jpg", library.folder / f"{number + 1}.jpg")
    write(library, "0.jpg", jpeg(99))
    library.scan()
    assert [photo_of(library, f"{number + 1}.jpg") for number in range(5)] == before
    assert count(library) == 6


def test_two_files_that_swap_their_names_keep_their_photos(quick_library: InProcessLibrary) -> None:
    library = quick_library
    write(library, "a.jpg", jpeg(1))
    write(library, "b.jpg", jpeg(2))
    library.scan()
    first, second = photo_of(library, "a.jpg"), photo_of(library, "b.jpg")
    # Retagged, so that no photo is called by what its file holds now.
    write(library, "a.jpg", jpeg(1, version=1))
    write(library, "b.jpg", jpeg(2, version=1))
    library.scan()
    os.rename(library.folder / "a.jpg", library.folder / ".aside")
    os.rename(library.folder / "b.jpg", library.folder / "a.jpg")
    os.rename(library.folder / ".aside", library.folder / "b.jpg")
    library.scan()
    assert (photo_of(library, "a.jpg"), photo_of(library, "b.jpg")) == (second, first)
    assert count(library) == 2


def test_a_file_overwritten_by_a_copy_is_no_second_photo_of_the_same_picture(
    quick_library: InProcessLibrary,
) -> None:
    library = quick_library
    write(library, "a.jpg", jpeg(1))
    write(library, "b.jpg", jpeg(2))
    library.scan()
    lost, kept = photo_of(library, "a.jpg"), photo_of(library, "b.jpg")
    shutil.copyfile(library.folder / "b.jpg", library.folder / "a.jpg")
    library.scan()
    assert (photo_of(library, "a.jpg"), photo_of(library, "b.jpg")) == (kept, kept)
    # What was overwritten is missing, and comes back with its content.
    write(library, "c.jpg", jpeg(1))
    library.scan()
    assert photo_of(library, "c.jpg") == lost
    assert count(library) == 2


def test_copies_that_become_the_same_other_picture_become_one_photo(quick_library: InProcessLibrary) -> None:
    library = quick_library
    for name in ("a.jpg", "b.jpg"):
        write(library, name, jpeg(1))
    library.scan()
    for name in ("a.jpg", "b.jpg"):
        write(library, name, jpeg(2))
    library.scan()
    assert photo_of(library, "a.jpg") == photo_of(library, "b.jpg")
    assert count(library) == 1


def test_a_retagged_copy_keeps_the_photo_of_what_was_edited(quick_library: InProcessLibrary) -> None:
    library = quick_library
    for name in ("a.jpg", "b.jpg"):
        write(library, name, jpeg(1, day=1))
        library.scan()
    first = photo_of(library, "a.jpg")
    write(library, "b.jpg", jpeg(1, day=2))
    library.scan()
    # Of a photo's files one tells its time.
    assert (photo_of(library, "b.jpg"), day_of(library, first)) == (first, "01")
    write(library, "a.jpg", jpeg(2, day=3))
    library.scan()
    assert (photo_of(library, "b.jpg"), day_of(library, first)) == (first, "02")
    assert day_of(library, photo_of(library, "a.jpg")) == "03"
    assert count(library) == 2


def test_a_file_retagged_and_copied_at_once_is_one_photo(quick_library: InProcessLibrary) -> None:
    library = quick_library
    write(library, "b.jpg", jpeg(1))
    library.scan()
    first = photo_of(library, "b.jpg")
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        write(library, name, jpeg(1, version=1))
    library.scan()
    assert {photo_of(library, name) for name in ("a.jpg", "b.jpg", "c.jpg")} == {first}
    assert count(library) == 1


def test_lookalikes_that_are_retagged_and_moved_stay_apart(quick_library: InProcessLibrary) -> None:
    library = quick_library
    # A burst: the same to the eye, of the same second.
    for number in range(3):
        write(library, f"old/{number}.jpg", jpeg(1, day=1, version=number))
    library.scan()
    before = [photo_of(library, f"old/{number}.jpg") for number in range(3)]
    shutil.rmtree(library.folder / "old")
    for number in range(3):
        write(library, f"new/{number}.jpg", jpeg(1, day=1, version=10 + number))
    library.scan()
    assert [photo_of(library, f"new/{number}.jpg") for number in range(3)] == before
    assert count(library) == 3


def test_an_undated_file_that_is_retagged_and_moved_is_known_by_its_name(
    quick_library: InProcessLibrary,
) -> None:
    library = quick_library
    write(library, "old/a.jpg", jpeg(1))
    library.scan()
    first = photo_of(library, "old/a.jpg")
    (library.folder / "old" / "a.jpg").unlink()
    library.scan()
    write(library, "new/a.jpg", jpeg(1, day=2))
    library.scan()
    assert photo_of(library, "new/a.jpg") == first
    assert day_of(library, first) == "02"


def test_another_picture_under_the_name_of_a_missing_one_is_a_photo_of_its_own(
    quick_library: InProcessLibrary,
) -> None:
    library = quick_library
    write(library, "a.jpg", jpeg(1))
    library.scan()
    first = photo_of(library, "a.jpg")
    (library.folder / "a.jpg").unlink()
    library.scan()
    # Cameras begin to count anew.
    write(library, "a.jpg", jpeg(2))
    library.scan()
    assert photo_of(library, "a.jpg") != first
    write(library, "b.jpg", jpeg(1))
    library.scan()
    assert photo_of(library, "b.jpg") == first
    assert count(library) == 2


def test_an_edit_is_still_an_edit(quick_library: InProcessLibrary) -> None:
    library = quick_library
    write(library, "a.jpg", jpeg(1))
    library.scan()
    first = photo_of(library, "a.jpg")
    write(library, "a.jpg", jpeg(2))
    library.scan()
    assert (photo_of(library, "a.jpg"), count(library)) == (first, 1)


def test_an_edit_that_was_also_copied_to_where_a_missing_photo_lay_keeps_its_photo(
    quick_library: InProcessLibrary,
) -> None:
    library = quick_library
    write(library, "a.jpg", jpeg(1))
    write(library, "c.jpg", jpeg(2))
    write(library, "copies/c.jpg", jpeg(2))
    write(library, "b.jpg", jpeg(3))
    library.scan()
    (library.folder / "a.jpg").unlink()
    library.scan()
    edited = photo_of(library, "b.jpg")
    # The later ones are read first; all hold the edit.
    for name in ("b.jpg", "c.jpg", "a.jpg"):
        write(library, name, jpeg(4))
    library.scan()
    assert {photo_of(library, name) for name in ("a.jpg", "b.jpg", "c.jpg")} == {edited}


def test_an_edit_that_was_also_copied_keeps_its_photo(quick_library: InProcessLibrary) -> None:
    library = quick_library
    write(library, "a.jpg", jpeg(1))
    library.scan()
    first = photo_of(library, "a.jpg")
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        write(library, name, jpeg(2))
        os.utime(library.folder / name, (1, ord(name[0])))
    library.scan()
    assert {photo_of(library, name) for name in ("a.jpg", "b.jpg", "c.jpg")} == {first}
    assert count(library) == 1
    assert library.scan().result["new_or_changed"] == 0
