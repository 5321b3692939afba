"""Turns that are written into real files and sidecars: at every moment, a photo is shown turned exactly once."""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

from librephotos.library.jobs import write_back as job
from librephotos.library.jobs.write_due import remove_abandoned_drafts
from librephotos.media.orientation import SWAPPED, followed_by
from librephotos.photos.paths import BIG, SQUARE, SQUARE_SMALL, derived_root
from librephotos.photos.turned import list_fresh, open_shown
from tests.library.in_process import Host, InProcessLibrary, Killed
from tests.library.pictures import draw_raw, write_tags
from tests.library.scanning import Library, Worker
from tests.library.test_face_regions import draw_face, is_green
from tests.library.test_write_back import Home, is_settled, tags_of
from tests.media.stills.heic import write_heic
from tests.photos.test_turns import BLUE, GREEN, RED, WHITE, colours, corners

UPRIGHT = [RED, GREEN, BLUE, WHITE]


def seen(image: Image.Image, code: int = 1) -> list[Any]:
    """The corners of a picture as somebody sees it who turned it by a code."""
    return colours(as_seen(image, code))


def as_seen(image: Image.Image, code: int) -> Image.Image:
    exif = Image.Exif()
    exif[0x0112] = code
    copy = image.copy()
    copy.info["exif"] = exif.tobytes()
    return ImageOps.exif_transpose(copy)


def save(path: Path, orientation: int = 1, size: tuple[int, int] = (240, 160)) -> None:
    """Write a picture that is upright, with red and green above, under this orientation."""
    back = next(code for code in range(1, 9) if followed_by(code, orientation) == 1)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = as_seen(corners(*size), back)
    stored.info.clear()
    options = {"exif": exif} if orientation != 1 else {}
    stored.save(path, quality=95, **options)


class Turner(Home):
    """A home whose photos are turned."""

    def rows_of(self, columns: str) -> list[tuple[Any, ...]]:
        return [
            tuple(row)
            for row in self.library.rows(
                f"SELECT {columns} FROM photo WHERE owner_id = {self.library.user_id} AND NOT is_removed "
                "ORDER BY id"
            )
        ]

    def shown(self, kind: str = BIG) -> list[list[Any]]:
        """The corners of each photo as it is served."""
        return [colours(each) for each in self.pictures(kind)]

    def pictures(self, kind: str = BIG) -> list[Image.Image]:
        found = []
        root = str(derived_root(self.library.host.data))
        for name, code, content, version in self.rows_of(
            "image_hash, local_orientation, content_hash, thumbnail_version"
        ):
            descriptor, _ = open_shown(root, kind, name, code, content if version else None)
            with os.fdopen(descriptor, "rb") as file:
                found.append(Image.open(io.BytesIO(file.read())))
        return found

    def turn(self, code: int) -> None:
        """Turn all photos further by a code, as the route does."""
        for photo_id, now in self.rows_of("id, local_orientation"):
            self.library.change(
                f"UPDATE photo SET local_orientation = {followed_by(now, code)}, "
                f"thumbnail_version = thumbnail_version + 1 WHERE id = {photo_id}"
            )
        self.want_all()

    def paths(self) -> list[tuple[Path, int]]:
        """Where the photos' files lie, each with its photo's place in the other lists."""
        order = [photo_id for (photo_id,) in self.rows_of("id")]
        found = self.library.rows(
            f"SELECT path, photo_id FROM file WHERE owner_id = {self.library.user_id} AND photo_id IS NOT NULL"
        )
        return [(Path(path), order.index(photo_id)) for path, photo_id in found]

    def write_and_be_killed(self, monkeypatch: pytest.MonkeyPatch, point: str, **arguments: Any) -> None:
        """Write until a function of the job would be called."""

        def die(*_: Any) -> Any:
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(job, point, die)
            assert self.library._run(job.write_back_metadata, **arguments) is None

    @property
    def codes(self) -> list[int]:
        return [code for (code,) in self.rows_of("local_orientation")]

    def turned_from(self, before: list[Image.Image], code: int) -> list[list[Any]]:
        return [seen(each, code) for each in before]


@pytest.fixture
def home(quick_library: InProcessLibrary) -> Turner:
    save(quick_library.folder / "a.jpg", 6)
    write_tags(quick_library.folder / "a.jpg", XMP_Nickname="ours")
    made = Turner(quick_library, "MEDIA_FILE")
    quick_library.scan()
    assert made.shown() == [UPRIGHT]
    return made


def file_shows(path: Path) -> list[Any]:
    """The corners as any other program shows the file."""
    with Image.open(path) as image:
        return colours(ImageOps.exif_transpose(image))


def test_a_turn_goes_into_the_files_of_four_formats_and_all_is_as_if_they_had_been_found_so(
    quick_library: InProcessLibrary, in_process_host: Host
) -> None:
    names = ("a.jpg", "b.png", "c.webp", "d.tif", "e.jpg")
    for number, name in enumerate(names):
        save(quick_library.folder / name, 6 if name == "a.jpg" else 1, (240 + 40 * number, 160))
    home = Turner(quick_library, "MEDIA_FILE")
    quick_library.scan()
    before, ids = home.pictures(), home.rows_of("image_hash, uuid")
    assert home.shown() == [UPRIGHT] * 5
    pixels = [Image.open(home.folder / name).tobytes() for name in names]
    for code in (6, 2):
        home.turn(code)
    code = followed_by(6, 2)
    wanted = home.turned_from(before, code)
    assert home.shown() == wanted and home.codes == [code] * 5
    assert home.write() == {"photos": 5, "written": 5, "failed": 0}
    assert home.codes == [1] * 5
    for kind in (BIG, SQUARE, SQUARE_SMALL):
        assert home.shown(kind) == wanted
    assert sorted(os.listdir(home.folder)) == sorted(names)
    for path, photo in home.paths():
        assert file_shows(path) == wanted[photo]
        if path.suffix != ".tif":  # which Pillow turns while it reads
            assert Image.open(path).tobytes() == pixels[names.index(path.name)]
    assert sorted(home.rows_of("image_hash, uuid")) == sorted(ids)
    assert home.opened() == 0
    home.library.scan(mode="full")
    for path in names:
        os.utime(home.folder / path, (10**9, 10**9))
    home.library.scan()
    assert home.shown() == wanted and home.codes == [1] * 5
    # Another server that finds these files sees the same.
    other = InProcessLibrary(in_process_host)
    for name in names:
        os.link(home.folder / name, other.folder / name)
    other.scan()
    looks = "perceptual_hash, aspect_ratio, local_orientation, thumbhash, dominant_color"
    assert sorted(Turner(other, "OFF").rows_of(looks)) == sorted(home.rows_of(looks))
    assert list_fresh(home.library.host.data, before=2**40) == []


def test_turning_back_gives_the_file_its_orientation_back(home: Turner) -> None:
    name = home.photo["image_hash"]
    for code, orientation in ((6, 3), (8, 6)):
        wanted = home.turned_from(home.pictures(), code)
        home.turn(code)
        assert home.shown() == wanted
        home.write()
        assert home.shown() == wanted and home.codes == [1]
        assert tags_of(home.folder / "a.jpg")["IFD0:Orientation"] == orientation
    # To the byte, so that it is called as the photo is.
    assert home.shown() == [UPRIGHT] and home.photo["image_hash"] == home.photo["content_hash"] == name
    assert home.opened() == 0


@pytest.mark.parametrize(
    ("point", "further"),
    [("store_results", 0), ("store_results", 6), ("store_results", 8), ("tidy_thumbnails", 6)],
)
def test_a_kill_between_the_file_and_the_row_turns_nothing_twice(
    home: Turner, monkeypatch: pytest.MonkeyPatch, point: str, further: int
) -> None:
    """Killed before the row is stored, or after that and before the thumbnails lie in their places."""
    uuid = home.rows_of("uuid")
    home.turn(6)
    wanted = home.turned_from([corners(240, 160)], 6)
    home.write_and_be_killed(monkeypatch, point)
    assert tags_of(home.folder / "a.jpg")["IFD0:Orientation"] == 3
    assert home.shown() == wanted
    if further:
        home.turn(further)
        wanted = home.turned_from([corners(240, 160)], followed_by(6, further))
        assert home.shown() == wanted
    # The job goes on; where it finds a file that it does not know, a scan tells it.
    for work in (home.write, home.library.scan, home.want_all, home.write):
        work()
        assert home.shown() == wanted, work
    assert home.codes == [1] and home.rows_of("uuid") == uuid and not home.waits()
    assert tags_of(home.folder / "a.jpg").get("IFD0:Orientation", 1) == followed_by(
        6, followed_by(6, further or 1)
    )
    assert file_shows(home.folder / "a.jpg") == wanted[0]
    assert home.opened() == 0
    home.library.scan(mode="full")
    assert home.shown() == wanted


def test_an_older_database_and_somebody_who_turned_the_file_as_well_turn_nothing_twice(home: Turner) -> None:
    home.turn(6)
    wanted = home.shown()
    write_tags(home.folder / "a.jpg", Orientation=3)
    assert home.opened() == 1
    assert home.shown() == wanted and home.codes == [1] and file_shows(home.folder / "a.jpg") == wanted[0]


@pytest.mark.parametrize(("mode", "meanwhile"), [("MEDIA_FILE", 6), ("MEDIA_FILE", 8), ("SIDECAR_FILE", 8)])
def test_who_turns_again_while_it_is_written_is_not_overruled(
    home: Turner, monkeypatch: pytest.MonkeyPatch, mode: str, meanwhile: int
) -> None:
    home.set_mode(mode)
    home.turn(6)
    results = job._results

    def turn_meanwhile(*asked: Any) -> Any:
        for found in results(*asked):
            home.turn(meanwhile)
            yield found

    monkeypatch.setattr(job, "_results", turn_meanwhile)
    home.write()
    monkeypatch.setattr(job, "_results", results)
    wanted = home.turned_from([corners(240, 160)], followed_by(6, meanwhile))
    assert home.shown() == wanted
    home.want_all()
    home.write()
    assert home.shown() == wanted
    assert home.codes == [1] if mode == "MEDIA_FILE" else [followed_by(6, meanwhile)]
    home.library.scan(mode="full")
    assert home.shown() == wanted


def test_a_scan_that_is_quicker_than_the_row_turns_nothing_twice(
    home: Turner, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.turn(6)
    (wanted,) = home.shown()
    results = job._results

    def scan_meanwhile(*asked: Any) -> Any:
        for found in results(*asked):
            home.library.scan()
            assert home.shown() == [wanted] and home.codes == [1]
            yield found

    with monkeypatch.context() as patch:
        patch.setattr(job, "_results", scan_meanwhile)
        home.write()
    assert home.shown() == [wanted] and home.codes == [1] and home.opened() == 0


def test_thumbnails_that_nobody_put_in_place_are_looked_for(
    home: Turner, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = home.library.host
    home.turn(6)
    (wanted,) = home.shown()
    home.write_and_be_killed(monkeypatch, "tidy_thumbnails")
    fresh = [
        path for path in derived_root(host.data).rglob("*t*.webp") if home.photo["image_hash"] in path.name
    ]
    assert len(fresh) == 3 and home.shown() == [wanted] and home.codes == [1]
    # Others are of an attempt that came to nothing.
    for path in list(fresh):
        fresh.append(path.with_name(path.name.replace("t", "t0")))
        fresh[-1].write_bytes(b"of nothing")
    for path in fresh:
        os.utime(path, (10**9, 10**9))
    remove_abandoned_drafts(host.db, host.settings)
    assert not any(path.exists() for path in fresh)
    assert home.shown() == [wanted] and home.codes == [1]


@pytest.mark.parametrize("is_killed", [False, True])
@pytest.mark.parametrize(("orientation", "code"), [(1, 6), (6, 8)])
def test_faces_stay_on_faces_and_their_pictures_follow(
    quick_library: InProcessLibrary,
    monkeypatch: pytest.MonkeyPatch,
    orientation: int,
    code: int,
    is_killed: bool,
) -> None:
    path = quick_library.folder / "a.jpg"
    draw_face(path, orientation=orientation)
    home = Turner(quick_library, "MEDIA_FILE")
    quick_library.scan()
    # One that somebody drew and named, without a region in the file; and the name of the other is another one.
    columns = "location_left, location_top, location_right, location_bottom"
    home.library.change(f"UPDATE person SET name = 'Eve' WHERE owner_id = {home.library.user_id}")
    home.library.change(
        f"INSERT INTO face (photo_id, image, {columns}, person_id) "
        f"SELECT {home.photo['id']}, '', 300, 200, 380, 290, id FROM person "
        f"WHERE owner_id = {home.library.user_id} AND kind = 'USER'"
    )
    home.turn(code)
    if is_killed:
        home.write_and_be_killed(monkeypatch, "store_results")
    else:
        home.write()
    home.library.scan()
    home.library.scan(mode="full")
    assert home.codes == [1]
    regions = tags_of(path)["XMP-mwg-rs:RegionInfo"]["RegionList"]
    assert [each["Name"] for each in regions] == ["Eve", "Eve"]
    (picture,) = home.pictures()
    of_photo = f"FROM face WHERE photo_id = {home.photo['id']} ORDER BY id"
    (found, drawn) = home.library.rows(f"SELECT {columns}, image {of_photo}")
    left, top, right, bottom, image = found
    shown = picture.convert("RGB")
    inside = [(left + 5, top + 5), (right - 5, bottom - 5)]
    beside = [(left - 5, top + 5), (right + 4, bottom - 5), (left + 5, top - 5)]
    assert all(is_green(shown.getpixel(point)) for point in inside)
    assert not any(is_green(shown.getpixel(point)) for point in beside)
    size = (right - left, bottom - top)
    assert size == ((120, 80) if code in SWAPPED else (80, 120))
    assert (drawn[2] - drawn[0], drawn[3] - drawn[1]) == ((90, 80) if code in SWAPPED else (80, 90))
    name = image.rsplit("/", 1)[-1]
    with Image.open(derived_root(home.library.host.data) / "faces" / name[:2] / name) as cut:
        assert cut.size == size and is_green(cut.convert("RGB").getpixel((40, 40)))


def test_regions_that_were_drawn_on_the_upright_picture_stay_on_the_face(
    quick_library: InProcessLibrary,
) -> None:
    path = quick_library.folder / "a.jpg"
    draw_face(path, orientation=6)
    applied = "AppliedToDimensions={W=400,H=300,Unit=pixel}"
    area = "Area={X=0.25,Y=0.5,W=0.2,H=0.4,Unit=normalized}"
    write_tags(
        path,
        XMP_RegionInfo=f"{{{applied},RegionList=[{{{area},Name=Ann,Type=Face}}]}}",
        XMP_RegionInfoMP="{Regions=[{PersonDisplayName=Bob,Rectangle=0.75|, 0.7|, 0.2|, 0.2}]}",
    )
    home = Turner(quick_library, "MEDIA_FILE")
    quick_library.scan()
    boxes = "SELECT location_left, location_top, location_right, location_bottom FROM face WHERE photo_id = "
    assert [tuple(row) for row in home.library.rows(f"{boxes}{home.photo['id']} ORDER BY id")] == [
        (60, 90, 140, 210),
        (300, 210, 380, 270),
    ]
    home.turn(3)
    home.write()
    home.library.scan(mode="full")
    assert home.codes == [1]
    wanted = [(260, 90, 340, 210), (20, 30, 100, 90)]
    assert [tuple(row) for row in home.library.rows(f"{boxes}{home.photo['id']} ORDER BY id")] == wanted
    home.library.change(f"DELETE FROM face WHERE photo_id = {home.photo['id']}")
    home.library.scan(mode="full")
    assert [tuple(row) for row in home.library.rows(f"{boxes}{home.photo['id']} ORDER BY id")] == wanted


@pytest.mark.parametrize("is_killed", [False, True])
def test_copies_are_turned_alike_and_stay_copies(
    home: Turner, monkeypatch: pytest.MonkeyPatch, is_killed: bool
) -> None:
    for name in ("b.jpg", "deep/c.jpg"):
        (home.folder / name).parent.mkdir(exist_ok=True)
        (home.folder / name).write_bytes((home.folder / "a.jpg").read_bytes())
    home.library.scan()
    home.turn(8)
    (wanted,) = home.shown()
    if is_killed:
        home.write_and_be_killed(monkeypatch, "store_results")
        home.library.scan()
    else:
        home.write()
    assert {file_shows(path)[0] for path, _ in home.paths()} == {wanted[0]}
    assert home.shown() == [wanted] and home.codes == [1] and home.opened() == 0
    os.unlink(home.folder / "a.jpg")
    home.library.scan()
    home.library.scan(mode="full")
    assert home.shown() == [wanted]


def test_of_two_files_of_a_shot_the_one_that_is_shown_is_turned(quick_library: InProcessLibrary) -> None:
    save(quick_library.folder / "a.jpg")
    draw_raw(quick_library.folder / "a.nef", 3)
    negative = (quick_library.folder / "a.nef").read_bytes()
    home = Turner(quick_library, "MEDIA_FILE")
    quick_library.scan()
    home.turn(6)
    (wanted,) = home.shown()
    home.write()
    assert sorted(os.listdir(home.folder)) == ["a.jpg", "a.nef"]
    assert (home.folder / "a.nef").read_bytes() == negative
    for mode in ("quick", "full"):
        home.library.scan(mode=mode)
        assert home.shown() == [wanted] == [file_shows(home.folder / "a.jpg")] and home.codes == [1]
    assert len(home.paths()) == 2


def forget_database(home: Turner) -> None:
    for table in ("photo", "file"):
        home.library.change(f"DELETE FROM {table} WHERE owner_id = {home.library.user_id}")


def test_sidecars_say_the_combined_turn_and_a_scan_that_knows_nothing_reads_it(
    quick_library: InProcessLibrary,
) -> None:
    """HEIC and RAW, which are never written into, and a JPEG whose owner wants sidecars."""
    names = ("a.heic", "b.nef", "c.jpg")
    (quick_library.folder / "a.heic").write_bytes(write_heic(_array(corners(240, 160))))
    corners(280, 160).save(quick_library.folder / "b.nef", format="TIFF")
    save(quick_library.folder / "c.jpg", 6, (320, 160))
    home = Turner(quick_library, "SIDECAR_FILE")
    quick_library.scan()
    before, originals = home.pictures(), [(home.folder / name).read_bytes() for name in names]
    home.turn(6)
    home.write()
    said = [tags_of(home.folder / f"{name}.xmp")["XMP-tiff:Orientation"] for name in names]
    assert said == [6, 6, 3]
    assert [(home.folder / name).read_bytes() for name in names] == originals
    wanted = home.turned_from(before, 6)
    for again in (dict, dict, lambda: forget_database(home)):
        again()
        home.library.scan(mode="full")
        assert sorted(home.shown()) == sorted(wanted) and home.codes == [6, 6, 6]
    # Turned back it says so, and never follows its own word of before.
    home.turn(8)
    assert home.codes == [1, 1, 1]
    home.write()
    assert [tags_of(home.folder / f"{name}.xmp")["XMP-tiff:Orientation"] for name in names] == [1, 1, 6]
    home.library.scan(mode="full")
    assert home.codes == [1, 1, 1] and home.opened() == 0
    # Another program turns it in the sidecar, and is followed, until somebody turns it here.
    write_tags(home.folder / "c.jpg.xmp", XMP__tiff_Orientation=8)
    home.library.scan()
    assert sorted(home.codes) == [1, 1, 3]
    # Into the file, once that is wanted: sidecar and file say the same, and nothing more is added.
    home.set_mode("MEDIA_FILE")
    home.turn(3)
    home.write()
    assert sorted(home.codes) == [1, 3, 3]
    both = tags_of(home.folder / "c.jpg").get("IFD0:Orientation", 1), tags_of(home.folder / "c.jpg.xmp")
    assert both[0] == both[1]["XMP-tiff:Orientation"] == 6
    home.library.scan(mode="full")
    assert sorted(home.codes) == [1, 3, 3]


def _array(image: Image.Image) -> Any:
    import numpy

    return numpy.asarray(image)


def test_the_sidecar_of_a_shot_turns_the_negative_and_not_the_picture_made_of_it(
    quick_library: InProcessLibrary,
) -> None:
    """Lightroom's `a.xmp` speaks of `a.nef`; `a.jpg` was saved upright. Where a file is alone, it is meant."""
    draw_raw(quick_library.folder / "a.nef", 3)
    for name, size in (("a.jpg", (240, 160)), ("b.jpg", (280, 160))):
        save(quick_library.folder / name, 1, size)
        write_tags(quick_library.folder / f"{name[0]}.xmp", XMP__tiff_Orientation=6, XMP_Rating=4)
    home = Turner(quick_library, "SIDECAR_FILE")
    quick_library.scan()
    found = {path.name: photo for path, photo in home.paths() if path.suffix == ".jpg"}
    assert (home.codes[found["a.jpg"]], home.codes[found["b.jpg"]]) == (1, 6)
    # A turn of the shot is kept where nothing else is spoken of, and read again.
    home.turn(3)
    home.write()
    assert tags_of(home.folder / "a.xmp")["XMP-tiff:Orientation"] == 6
    assert tags_of(home.folder / "b.xmp")["XMP-tiff:Orientation"] == 8
    codes = [home.codes[found[name]] for name in ("a.jpg", "b.jpg")]
    forget_database(home)
    home.library.scan()
    again = {path.name: photo for path, photo in home.paths() if path.suffix == ".jpg"}
    assert [home.codes[again[name]] for name in ("a.jpg", "b.jpg")] == codes == [3, 8]


def test_where_nothing_may_be_written_the_turn_is_kept_and_goes_into_the_file_later(home: Turner) -> None:
    home.folder.chmod(0o555)
    try:
        home.turn(6)
        (wanted,) = home.shown()
        home.write()
        assert os.listdir(home.folder) == ["a.jpg"] and home.codes == [6]
        home.library.scan(mode="full")
        assert home.shown() == [wanted]
        forget_database(home)
        home.library.scan()
        assert home.shown() == [wanted] and home.codes == [6]
    finally:
        home.folder.chmod(0o755)
    home.turn(8)
    home.write()
    home.library.scan(mode="full")
    assert home.shown() == [UPRIGHT] and home.codes == [1]
    assert tags_of(home.folder / "a.jpg")["IFD0:Orientation"] == 6


def test_a_disk_that_is_away_is_told_of_turns_in_a_kept_sidecar_and_turns_back(home: Turner) -> None:
    name = home.photo["content_hash"]
    away = home.folder.rename(home.folder.with_name(home.folder.name + " away"))
    home.folder.mkdir()
    for code, orientation in ((6, 3), (3, 1), (8, 8), (3, 6)):
        home.turn(code)
        (wanted,) = home.shown()
        home.write()
        kept = home.library.host.data / "sidecars" / name[:2] / f"{name}.xmp"
        assert tags_of(kept)["XMP-tiff:Orientation"] == orientation and home.shown() == [wanted]
    home.folder.rmdir()
    away.rename(home.folder)
    home.library.scan(mode="full")
    assert home.shown() == [UPRIGHT] and home.codes == [1]
    home.turn(2)
    (wanted,) = home.shown()
    home.write()
    home.library.scan(mode="full")
    assert home.shown() == [wanted] == [file_shows(home.folder / "a.jpg")] and home.codes == [1]


def test_asked_for_turns_go_into_files_where_nothing_is_written_by_itself(
    home: Turner, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.set_mode("OFF")
    home.turn(6)
    assert home.write()["photos"] == 0 and home.codes == [6]
    (wanted,) = home.shown()
    home.write_and_be_killed(monkeypatch, "store_results", types=["turns"])
    # What somebody asks for besides makes nobody forget what may have been written.
    assert home.write(types=["ratings"])["photos"] == 1 and home.codes == [6]
    home.library.scan()
    assert home.shown() == [wanted] and home.codes == [1]
    home.turn(6)
    (wanted,) = home.shown()
    home.write(types=["turns"])
    assert home.shown() == [wanted] == [file_shows(home.folder / "a.jpg")] and home.codes == [1]


def test_whoever_looks_while_the_worker_writes_sees_one_picture(
    idle_library: Library, worker: Worker
) -> None:
    """Turned through the API twice, written by the worker; all the while, the thumbnails are fetched."""
    save(idle_library.folder / "a.jpg", 6, (1620, 1080))
    worker.start()
    idle_library.scan()
    name = idle_library.photos()[0]["image_hash"]
    with idle_library.instance.client(idle_library.owner.bearer) as client:
        address = f"/api/user/{idle_library.owner.user_id}/"
        assert client.patch(address, json={"save_metadata_to_disk": "MEDIA_FILE"}).status_code == 200
        for angle in (90, 90):
            answer = client.post("/api/photosedit/rotate/", json={"image_hash": name, "angle": angle})
        assert answer.json()["local_orientation"] == 3
        while True:
            is_done = is_settled(idle_library)
            for kind in (BIG, SQUARE, SQUARE_SMALL):
                picture = client.get(f"/media/{kind}/{name}.webp")
                assert picture.status_code == 200
                assert colours(Image.open(io.BytesIO(picture.content))) == UPRIGHT[::-1]
            if is_done:
                break
        (row,) = idle_library.rows("SELECT local_orientation, aspect_ratio FROM photo")
        assert tuple(row) == (1, 1.5) and file_shows(idle_library.folder / "a.jpg") == UPRIGHT[::-1]
