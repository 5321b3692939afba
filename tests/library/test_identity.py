"""Random histories of a library: whatever is done to the files between scans, each picture stays one photo."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from librephotos.accounts.viewer import Viewer
from librephotos.photos.changes import photos_changed
from librephotos.photos.keys import find_key
from librephotos.photos.queries.variants import set_main_file
from tests.library.identity import NEW, Known, Shown, expect
from tests.library.in_process import Host, InProcessLibrary
from tests.library.small_pictures import jpeg

PATHS = [f"{folder}/{name}.jpg" for folder in ("a", "b") for name in ("one", "two", "three", "four")]
ANCHOR = Shown(picture=0, day=0, version=0)
paths = st.sampled_from(PATHS)
picks = st.integers(0, 20)


class Histories(RuleBasedStateMachine):
    """A folder of up to nine files, the same folder as a person sees it, and what was typed on its photos."""

    host: Host

    @initialize()
    def begin(self) -> None:
        self.library = InProcessLibrary(self.host)
        self.disk: dict[str, Shown] = {}
        self.photos: dict[int, Known] = {}
        self.typed: dict[int, tuple[Any, ...]] = {}
        self.looks: dict[int, tuple[Any, ...]] = {}
        # By photo: the content that somebody chose as its main file, and where it lay, while that is known.
        self.chosen: dict[int, tuple[Shown, str | None]] = {}
        self.pictures = 0
        self.versions = 0
        self.clock = 1_600_000_000
        # An empty folder is taken for a disk that is away.
        self._write("anchor.jpg", ANCHOR)
        self.album = self._new_album()

    # --- what happens to files

    @rule(path=paths, day=st.integers(0, 3))
    def add(self, path: str, day: int) -> None:
        self.pictures += 1
        self._write(path, Shown(self.pictures, day, 0))

    @precondition(lambda self: self._present())
    @rule(pick=picks, path=paths)
    def move(self, pick: int, path: str) -> None:
        source = self._pick(pick)
        if source != path:
            self._place(path)
            os.replace(self._at(source), self._at(path))
            self.disk[path] = self.disk.pop(source)

    @precondition(lambda self: self._present())
    @rule(pick=picks, path=paths, keeps_time=st.booleans())
    def copy(self, pick: int, path: str, keeps_time: bool) -> None:
        source = self._pick(pick)
        if source != path:
            self._write(path, self.disk[source])
            if keeps_time:
                written = os.stat(self._at(source)).st_mtime_ns
                os.utime(self._at(path), ns=(written, written))

    @precondition(lambda self: len(self._present()) > 1)
    @rule(pick=picks, other=picks)
    def swap(self, pick: int, other: int) -> None:
        one, two = self._at(self._pick(pick)), self._at(self._pick(other))
        if one != two:
            os.rename(one, self.library.folder / ".aside")
            os.rename(two, one)
            os.rename(self.library.folder / ".aside", two)
            first, second = self._pick(pick), self._pick(other)
            self.disk[first], self.disk[second] = self.disk[second], self.disk[first]

    @precondition(lambda self: self._present())
    @rule(pick=picks, day=st.integers(0, 3), is_same_day=st.booleans())
    def retag(self, pick: int, day: int, is_same_day: bool) -> None:
        path = self._pick(pick)
        self.versions += 1
        shown = self.disk[path]
        self._write(path, Shown(shown.picture, shown.day if is_same_day else day, self.versions))

    @precondition(lambda self: self._present())
    @rule(pick=picks)
    def edit(self, pick: int) -> None:
        path = self._pick(pick)
        self.pictures += 1
        self._write(path, Shown(self.pictures, self.disk[path].day, 0))

    @precondition(lambda self: self._present())
    @rule(pick=picks)
    def delete(self, pick: int) -> None:
        path = self._pick(pick)
        self._at(path).unlink()
        del self.disk[path]

    @precondition(lambda self: self._lost())
    @rule(pick=picks, path=paths)
    def restore(self, pick: int, path: str) -> None:
        lost = self._lost()
        self._write(path, lost[pick % len(lost)])

    # --- what people do

    @precondition(lambda self: self.photos)
    @rule(pick=picks, rating=st.integers(0, 5), is_hidden=st.booleans())
    def type_on(self, pick: int, rating: int, is_hidden: bool) -> None:
        photo_id = sorted(self.photos)[pick % len(self.photos)]
        caption = f"typed on {photo_id}, {self.clock}"
        with self.host.db.transaction() as tx:
            run = tx.connection.execute
            run(f"UPDATE photo SET rating = {rating}, is_hidden = {is_hidden} WHERE id = {photo_id}")
            run(
                f'UPDATE photo_metadata SET captions = \'{{"user_caption":"{caption}"}}\' WHERE photo_id = {photo_id}'
            )
            run(f"DELETE FROM album_photo WHERE photo_id = {photo_id}")
            run(f"INSERT INTO album_photo (album_id, photo_id) VALUES ({self.album}, {photo_id})")
            photos_changed(tx, self.library.user_id, [photo_id])
        self.typed = self._typed()

    @precondition(lambda self: self._choices())
    @rule(pick=picks)
    def choose_main_file(self, pick: int) -> None:
        choices = self._choices()
        photo_id, path, shown = choices[pick % len(choices)]
        uuid, file_hash = self.library.rows(
            "SELECT photo.uuid, file.hash FROM photo JOIN file ON file.photo_id = photo.id "
            f"WHERE photo.id = {photo_id} AND file.path = '{self._at(path)}'"
        )[0]
        viewer = Viewer(user_id=self.library.user_id)
        assert self.host.db.commit(set_main_file, viewer, find_key(uuid), file_hash) == file_hash
        ((main,),) = self.library.rows(
            f"SELECT path FROM photo JOIN file ON file.id = main_file_id WHERE photo.id = {photo_id}"
        )
        self.chosen[photo_id] = (shown, self._relative(main))

    @rule()
    def remove_missing(self) -> None:
        self.library.delete_missing()
        lost = [photo_id for photo_id, known in self.photos.items() if not known.paths]
        self.chosen |= {
            photo_id: (self.chosen[photo_id][0], None) for photo_id in lost if photo_id in self.chosen
        }

    @rule(is_full=st.booleans(), kills=st.lists(st.integers(1, 12), max_size=3))
    def scan(self, is_full: bool, kills: list[int]) -> None:
        mode = {"mode": "full"} if is_full else {}
        for checkpoint in kills:
            self.library.scan(ends_after=checkpoint, **mode)
        report = self.library.scan(**mode)
        assert report is not None
        assert (report.error_count, report.result.get("offline")) == (0, None), report
        self._check()

    def teardown(self) -> None:
        if hasattr(self, "library"):
            self.scan(is_full=False, kills=[])
            # Nothing is left to do.
            assert self.library.scan().result["new_or_changed"] == 0

    # --- what must be true after each scan

    def _check(self) -> None:
        owner = self.library.user_id
        files = self.library.rows(
            f"SELECT path, photo_id, is_missing, state, pending FROM file WHERE owner_id = {owner}"
        )
        found = {self._relative(path): photo_id for path, photo_id, is_missing, *_ in files if not is_missing}
        assert set(found) == set(self.disk)
        assert {row[3:] for row in files} == {("photo", 0)}
        expected = expect(self.disk, self.photos)
        for path, photo_id in found.items():
            allowed = expected[path]
            assert photo_id in allowed or (NEW in allowed and photo_id not in self.photos), (
                path,
                found,
                expected,
            )
        pictures = {path: shown.picture for path, shown in self.disk.items()}
        for one, photo_id in found.items():
            for other, other_id in found.items():
                if self.disk[one] == self.disk[other]:
                    assert photo_id == other_id
                if photo_id == other_id:
                    assert pictures[one] == pictures[other]
        self._check_photos(found)
        self._remember(found)

    def _check_photos(self, found: dict[str, int]) -> None:
        owner = self.library.user_id
        rows = {
            row[0]: row[1:]
            for row in self.library.rows(
                "SELECT photo.id, image_hash, is_removed, photo.perceptual_hash, taken_local, main.path "
                "FROM photo "
                "LEFT JOIN file main ON main.id = photo.main_file_id AND main.photo_id = photo.id "
                f"WHERE photo.owner_id = {owner}"
            )
        }
        # Nothing was lost, and nothing is there besides what lies in the folder.
        assert set(rows) == set(self.photos) | set(found.values())
        assert len({row[0] for row in rows.values()}) == len(rows)
        for photo_id in set(found.values()):
            image_hash, is_removed, perceptual_hash, taken_local, main = rows[photo_id]
            assert not is_removed
            assert main is not None
            shown = self.disk[self._relative(main)]
            self._check_choice(photo_id, self._relative(main), found)
            assert (taken_local or "")[8:10] == (f"{shown.day:02}" if shown.day else "")
            looks = (perceptual_hash, self._thumbnails(image_hash))
            assert self.looks.setdefault(shown.picture, looks) == looks
        assert len({looks[0] for looks in self.looks.values()}) == len(self.looks)
        typed = self._typed()
        assert {photo_id: typed.get(photo_id) for photo_id in self.typed} == self.typed
        (counted,) = self.library.rows(f"SELECT sum(photo_count) FROM day WHERE owner_id = {owner}")
        (visible,) = self.library.rows(
            f"SELECT count(*) FROM photo WHERE owner_id = {owner} AND NOT is_hidden AND NOT is_removed"
        )
        assert int(counted[0] or 0) == visible[0]

    def _check_choice(self, photo_id: int, main: str, found: dict[str, int]) -> None:
        """What somebody chose is what the photo shows, wherever it lies now; or what its file holds now."""
        if photo_id not in self.chosen:
            return
        chosen, lay_at = self.chosen[photo_id]
        lies = {path: self.disk[path] for path, other in found.items() if other == photo_id}
        if chosen in lies.values():
            assert lies[main] == chosen
            self.chosen[photo_id] = (chosen, main)
        elif lay_at in lies:
            assert lies[main] == lies[lay_at]
            self.chosen[photo_id] = (lies[main], main)
        else:
            del self.chosen[photo_id]

    def _remember(self, found: dict[str, int]) -> None:
        for photo_id in set(found.values()):
            lies = {path: self.disk[path] for path, other in found.items() if other == photo_id}
            contents = set(lies.values())
            known = self.photos.get(photo_id)
            was_edited = known is not None and known.first.picture != next(iter(contents)).picture
            first = self._first(photo_id, lies) if known is None or was_edited else known.first
            self.photos[photo_id] = Known(photo_id, first, contents, lies, set(lies))
        for photo_id, known in self.photos.items():
            if photo_id not in found.values():
                known.paths = {}
                known.lay_at -= set(self.disk)

    def _first(self, photo_id: int, lies: dict[str, Shown]) -> Shown:
        """The content by whose hash the photo is called."""
        ((image_hash,),) = self.library.rows(f"SELECT image_hash FROM photo WHERE id = {photo_id}")
        named = {f"{_md5(shown)}{self.library.user_id}": shown for shown in lies.values()}
        return named[image_hash]

    # --- tools

    def _present(self) -> list[str]:
        return sorted(set(self.disk) - {"anchor.jpg"})

    def _choices(self) -> list[tuple[int, str, Shown]]:
        """The files of photos that hold more than one content: (photo, path, content), as the last scan left them."""
        return [
            (photo_id, path, shown)
            for photo_id, known in sorted(self.photos.items())
            if len(set(known.paths.values())) > 1
            for path, shown in sorted(known.paths.items())
        ]

    def _pick(self, pick: int) -> str:
        present = self._present()
        return present[pick % len(present)]

    def _lost(self) -> list[Shown]:
        """The last contents of photos that lie nowhere."""
        there = set(self.disk.values())
        return sorted(
            content
            for photo in self.photos.values()
            if not photo.paths and not photo.contents & there
            for content in photo.contents
        )

    def _at(self, path: str) -> Path:
        return self.library.folder / path

    def _relative(self, path: str) -> str:
        return path.removeprefix(f"{self.library.folder}/")

    def _place(self, path: str) -> None:
        self._at(path).parent.mkdir(exist_ok=True)

    def _write(self, path: str, shown: Shown) -> None:
        """Write a file as programs do that replace it, with a time of its own."""
        self._place(path)
        draft = self.library.folder / ".draft"
        draft.write_bytes(jpeg(shown.picture, day=shown.day, version=shown.version))
        self.clock += 1
        os.utime(draft, (self.clock, self.clock))
        os.replace(draft, self._at(path))
        self.disk[path] = shown

    def _new_album(self) -> int:
        with self.host.db.transaction() as tx:
            tx.connection.execute(
                f"INSERT INTO album (owner_id, title, saved_at) VALUES ({self.library.user_id}, 'typed', 1)"
            )
        ((album_id,),) = self.library.rows(f"SELECT id FROM album WHERE owner_id = {self.library.user_id}")
        return album_id

    def _typed(self) -> dict[int, tuple[Any, ...]]:
        rows = self.library.rows(
            "SELECT photo.id, photo.rating, photo.is_hidden, photo_metadata.captions, album_photo.album_id FROM photo "
            "JOIN photo_metadata ON photo_metadata.photo_id = photo.id "
            "JOIN album_photo ON album_photo.photo_id = photo.id "
            f"WHERE photo.owner_id = {self.library.user_id}"
        )
        return {row[0]: tuple(map(str, row[1:])) for row in rows}

    def _thumbnails(self, image_hash: str) -> str:
        derived = self.host.data / "derived"
        kinds = ("thumbnails_big", "square_thumbnails", "square_thumbnails_small")
        whole = b"".join(
            (derived / kind / image_hash[:2] / f"{image_hash}.webp").read_bytes() for kind in kinds
        )
        return hashlib.sha256(whole).hexdigest()


def _md5(shown: Shown) -> str:
    return hashlib.md5(jpeg(shown.picture, day=shown.day, version=shown.version)).hexdigest()


def run_histories(host: Host, *, count: int, steps: int, is_fixed: bool) -> None:
    class OnHost(Histories):
        pass

    OnHost.host = host
    run_state_machine_as_test(
        OnHost,
        settings=settings(
            max_examples=count,
            stateful_step_count=steps,
            deadline=None,
            derandomize=is_fixed,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_each_picture_stays_one_photo_with_all_that_was_typed(in_process_host: Host) -> None:
    run_histories(in_process_host, count=25, steps=20, is_fixed=True)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_each_picture_stays_one_photo_through_long_histories(in_process_host: Host) -> None:
    run_histories(in_process_host, count=1000, steps=40, is_fixed=False)
