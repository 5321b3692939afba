"""Videos converted while they are played: streamed as they grow, shared, kept, and ended when nobody watches."""

import io
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import httpx
import msgspec
import pytest

from librephotos.kit.file_locks import take_lock
from librephotos.media.video.encoder_settings import EncoderSettings, Ending
from librephotos.media.video.encodes import Encode, Room, make_room
from librephotos.media.video.ffmpeg import locate_ffmpeg
from tests.builders import Builder, Photo
from tests.conftest import NewInstance
from tests.databases import NewDatabase
from tests.instance import Account, Instance
from tests.media.test_video import corner_colours, is_near
from tests.needs import lack
from tests.videos import CORNERS, TURNED, cornered, make_video, turned

PATIENCE_SECONDS = 30

# Stands in for FFmpeg where a test must say when it goes on: it writes, waits for a file called `go`, writes the rest.
SCRIPT = """#!{python}
import os, sys, time
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "started"), "a") as log:
    log.write(f"{{os.getpid()}}\\n")
if os.path.exists(os.path.join(here, "fail")):
    sys.exit(1)
sys.stdout.buffer.write(b"a" * 5000)
sys.stdout.buffer.flush()
while not os.path.exists(os.path.join(here, "go")):
    time.sleep(0.02)
sys.stdout.buffer.write(b"b" * 5000)
"""
WHOLE = b"a" * 5000 + b"b" * 5000


@dataclass
class Stage:
    """An instance whose FFmpeg does what the test says."""

    instance: Instance
    folder: Path
    owner: Account
    photo: Photo

    def go(self) -> None:
        (self.folder / "go").touch()

    @property
    def started(self) -> list[int]:
        log = self.folder / "started"
        return [int(line) for line in log.read_text().split()] if log.exists() else []

    @property
    def encode(self) -> Encode:
        folder = self.instance.data / "derived" / "transcoded"
        return Encode(os.fsencode(folder), self.photo.image_hash.encode())

    def address(self, photo: Photo | None = None) -> str:
        return f"/media/photos/{(photo or self.photo).image_hash}?transcode=1"

    def listen(self, seen: list[bytes]) -> threading.Thread:
        """Watch in a thread; `seen` is filled with what comes, and with an empty text when it ended well."""

        def watch() -> None:
            with self.instance.client(self.owner.bearer) as caller:
                try:
                    with caller.stream("GET", self.address()) as answer:
                        seen.extend(answer.iter_raw())
                    seen.append(b"")
                except httpx.HTTPError:
                    pass

        thread = threading.Thread(target=watch)
        thread.start()
        return thread


def write_program(folder: Path) -> Path:
    folder.mkdir(parents=True)
    program = folder / "ffmpeg"
    program.write_text(SCRIPT.format(python=sys.executable))
    program.chmod(0o755)
    return program


def set_up(instance: Instance, folder: Path) -> Stage:
    owner = instance.add_user()
    return Stage(instance, folder, owner, add_video(Builder(instance), owner, make_video()))


@pytest.fixture(scope="module")
def shared_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_program(tmp_path_factory.mktemp("shared") / "program")


@pytest.fixture(scope="module")
def shared_instance(
    tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase, shared_program: Path
) -> Iterator[Instance]:
    """Two processes that serve the tests which need no settings of their own, one after the other."""
    folder = tmp_path_factory.mktemp("converting")
    (folder / "data").mkdir()
    settings = {
        "FFMPEG": shared_program,
        "TRANSCODE_FREE_BYTES": 0,
        "TRANSCODE_IDLE_SECONDS": 0.5,
        "TRANSCODES_AT_ONCE": 8,
        "API_PROCESSES": 2,
    }
    environment = {f"LIBREPHOTOS_{name}": str(value) for name, value in settings.items()}
    one = Instance(folder / "data", folder / "library", new_database(folder / "data"), environment).start()
    yield one
    one.stop()


@pytest.fixture
def shared(shared_instance: Instance, shared_program: Path) -> Iterator[Stage]:
    for name in ("started", "go", "fail"):
        (shared_program.parent / name).unlink(missing_ok=True)
    one = set_up(shared_instance, shared_program.parent)
    yield one
    one.go()


@pytest.fixture
def stage(new_instance: NewInstance, tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    folder = tmp_path / "program"
    program = write_program(folder)

    def make(**settings: object) -> Stage:
        options = {"ffmpeg": program, "transcode_free_bytes": 0, "transcode_idle_seconds": 0.5, **settings}
        return set_up(new_instance(**options), folder)

    yield make
    (folder / "go").touch()


@pytest.fixture(scope="session")
def real_ffmpeg() -> str:
    return locate_ffmpeg() or lack("there is no FFmpeg")


def add_video(builder: Builder, owner: Account, content: bytes, name: str = "", **columns: object) -> Photo:
    columns = {"mime": "video/mp4", **columns}
    return builder.add_photo(owner, is_video=True, content=content, name=name, **columns)


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


# --- with the real program


@pytest.fixture
def real(instance: Instance, real_ffmpeg: str) -> Builder:
    return Builder(instance)


def played(client: httpx.Client, photo: Photo, kind: str = "photos") -> httpx.Response:
    return client.get(f"/media/{kind}/{photo.image_hash}.mp4?transcode=1")


def test_a_video_is_converted_kept_and_then_sent_in_parts(instance, real, client, user):
    photo = add_video(
        real, user, make_video("avi", [cornered(1600, 900)] * 5), "a.avi", mime="video/x-msvideo"
    )
    address = f"/media/photos/{photo.image_hash}?transcode=1"
    head = client.head(address)
    assert (head.status_code, head.headers["content-type"]) == (200, "video/mp4")
    assert head.headers["cache-control"] == "no-store"
    path = instance.data / "derived" / "transcoded" / photo.image_hash[:2] / f"{photo.image_hash}.mp4"
    assert not path.exists()
    first = played(client, photo)
    assert (first.status_code, first.headers["content-type"]) == (200, "video/mp4")
    assert first.headers["x-content-type-options"] == "nosniff"
    assert first.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert path.read_bytes() == first.content
    with av.open(io.BytesIO(first.content)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height) == ("h264", 1280, 720)
        assert is_near(corner_colours(next(container.decode(stream)).to_image()), CORNERS)
    assert b"moof" in first.content and first.content.index(b"moov") < first.content.index(b"moof")
    part = client.get(address, headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content, part.headers["cache-control"]) == (
        206,
        b"ftyp",
        "private, no-cache",
    )
    assert part.headers["content-range"] == f"bytes 4-7/{len(first.content)}"
    again = client.get(address, headers={"If-None-Match": part.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    whole = client.head(address)
    assert whole.headers["content-length"] == str(len(first.content))
    assert not [entry for entry in path.parent.iterdir() if entry.name.endswith(".part")]


def test_turned_hdr_videos_with_sound_come_out_upright_in_common_colours(real, client, user):
    content = make_video(
        pictures=[cornered()] * 10, pixel_format="yuv420p10le", colour=(9, 16, 9), with_sound=True
    )
    photo = add_video(real, user, turned(content, TURNED[90]))
    with av.open(io.BytesIO(played(client, photo, "video").content)) as container:
        stream = container.streams.video[0]
        assert [each.codec_context.name for each in container.streams] == ["h264", "aac"]
        assert (stream.width, stream.height, stream.codec_context.pix_fmt) == (64, 96, "yuv420p")
        assert stream.codec_context.color_trc == 1
        frame = next(container.decode(stream))
        assert frame.rotation == 0
        red, green, blue, yellow = corner_colours(frame.to_image())
        # Turned clockwise: blue, red, yellow, green.
        assert red[2] > red[0] and green[0] > green[1] and blue[0] > blue[2] and yellow[1] > yellow[0]


def test_what_the_original_tells_of_place_and_person_is_not_in_the_converted_one(real, client, user):
    content = make_video("mov", metadata={"location": "+51.5007-000.1246/", "artist": "PLANTED"})
    photo = add_video(real, user, content, mime="video/quicktime")
    sent = played(client, photo).content
    assert len(sent) > 500 and b"PLANTED" not in sent and b"51.5007" not in sent


def test_a_damaged_video_is_told_and_not_tried_again(instance, real, client, user):
    photo = add_video(real, user, make_video()[:800])
    for _ in range(2):
        answer = played(client, photo)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["message"] == "The video is damaged and cannot be decoded."


def test_who_gets_a_converted_video(instance, real, user, stranger, anonymous):
    builder, sharee, member = real, instance.add_user(), instance.add_user()
    private, shared, in_album, public = (add_video(builder, user, make_video()) for _ in range(4))
    builder.share_photo(shared, sharee)
    builder.share_album(builder.add_album(user, in_album), member)
    builder.change_photo(user, public, is_public=True)
    with instance.client(stranger.bearer) as outsider, instance.client(user.cookie) as owner:
        assert played(outsider, private).status_code == 404
        refused = played(anonymous, private)
        assert (refused.status_code, refused.headers["x-media-error"]) == (403, "authentication")
        assert played(owner, private).content[4:8] == b"ftyp"
        # Visitors get what they would get without asking: the poster, as this owner shares no original.
        for caller in (outsider, anonymous):
            assert played(caller, public).headers["content-type"] == "image/webp"
    for photo, viewer in ((shared, sharee), (in_album, member)):
        with instance.client(viewer.bearer) as caller:
            assert b"moof" in played(caller, photo).content
    transcoded = {path.stem for path in (instance.data / "derived" / "transcoded").rglob("*.mp4")}
    assert public.image_hash not in transcoded and private.image_hash in transcoded


def test_the_older_address_follows_the_viewers_setting(instance, real, user):
    content = make_video()
    photo = add_video(real, user, content)
    with instance.client(user.bearer) as caller:
        assert caller.get(f"/media/video/{photo.image_hash}").content == content
        real.change_user(user, transcode_videos=True)
        assert b"moof" in caller.get(f"/media/video/{photo.image_hash}").content
        assert caller.get(f"/media/video/{photo.image_hash}?transcode=0").content == content
        assert caller.get(f"/media/photos/{photo.image_hash}").content == content
        still = real.add_photo(user)
        assert (
            caller.get(f"/media/video/{still.image_hash}?transcode=1").headers["content-type"] == "image/jpeg"
        )


def test_without_the_program_or_switched_off_the_original_is_sent(stage):
    for settings in ({"ffmpeg": "/nowhere/ffmpeg"}, {"transcoding": 0}):
        one = stage(**settings)
        with one.instance.client(one.owner.bearer) as caller:
            assert caller.get(one.address()).content == one.photo.path.read_bytes()
        assert one.started == []


# --- with a program that goes on when it is told


def test_all_who_watch_share_one_encode_and_see_it_grow(shared):
    one = shared
    seen: list[list[bytes]] = [[] for _ in range(4)]
    threads = [one.listen(chunks) for chunks in seen]
    wait_for(lambda: all(b"".join(chunks) == WHOLE[:5000] for chunks in seen), "nothing came while encoding")
    assert not os.path.exists(one.encode.finished)
    one.go()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert all((chunks[-1], b"".join(chunks)) == (b"", WHOLE) for chunks in seen)
    assert len(one.started) == 1
    with one.instance.client(one.owner.bearer) as caller:
        assert caller.get(one.address(), headers={"Range": "bytes=4999-5000"}).content == b"ab"
    assert len(one.started) == 1


def test_an_encode_under_way_is_not_to_be_kept_by_anybody(shared):
    one = shared
    with (
        one.instance.client(one.owner.bearer) as caller,
        caller.stream("GET", one.address(), headers={"Range": "bytes=0-"}) as answer,
    ):
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert "content-length" not in answer.headers and "accept-ranges" not in answer.headers
        one.go()
        assert answer.read() == WHOLE


def test_an_encode_ends_soon_after_the_last_one_has_left(shared):
    one = shared
    for _ in range(2):
        with one.instance.client(one.owner.bearer) as caller, caller.stream("GET", one.address()) as answer:
            assert next(answer.iter_raw())
            assert is_alive(one.started[-1]) and os.path.exists(one.encode.part)
        wait_for(lambda: not is_alive(one.started[-1]), "FFmpeg went on for nobody")
        wait_for(lambda: not os.path.exists(one.encode.part), "the half file stayed")
        assert not os.path.exists(one.encode.finished)
    assert len(one.started) == 2


def test_one_encode_at_a_time_goes_on_for_a_player_that_reads_ranges_only(stage):
    one = stage(transcodes_at_once=1)
    other = add_video(Builder(one.instance), one.owner, make_video(rate=5))
    part = {"Range": "bytes=0-1"}
    programs = []
    for photo in (one.photo, other):
        with (
            one.instance.client(one.owner.bearer) as caller,
            caller.stream("GET", one.address(photo), headers=part) as answer,
        ):
            assert answer.status_code == 200 and next(answer.iter_raw())
            programs.append(one.started[-1])
        # The first one makes room for the second; there is one background only.
        wait_for(lambda: not os.path.exists(one.encode.part) or slot_is_free(one.encode.folder), "no room")
    wait_for(lambda: not is_alive(programs[1]), "two went on for nobody")
    assert is_alive(programs[0])
    one.go()
    wait_for(lambda: os.path.exists(one.encode.finished), "the whole file never came")
    with one.instance.client(one.owner.bearer) as caller:
        answer = caller.get(one.address(), headers=part)
        assert (answer.status_code, answer.headers["content-range"]) == (206, "bytes 0-1/10000")
    assert not os.path.exists(one.encode.wanted) and len(one.started) == 2


def slot_is_free(folder: bytes) -> bool:
    slot = take_lock(os.path.join(folder, b".slot-0"))
    if slot is None:
        return False
    slot.close()
    return True


def test_it_goes_on_while_one_of_two_stays(shared):
    one = shared
    seen: list[bytes] = []
    thread = one.listen(seen)
    wait_for(lambda: seen, "nothing came")
    with one.instance.client(one.owner.bearer) as caller, caller.stream("GET", one.address()) as answer:
        assert next(answer.iter_raw())
    time.sleep(1.2)
    assert is_alive(one.started[-1])
    one.go()
    thread.join(PATIENCE_SECONDS)
    assert b"".join(seen) == WHOLE and len(one.started) == 1


@pytest.mark.parametrize("victim", ["program", "encoder"])
def test_a_killed_encode_breaks_the_connection_and_leaves_no_half_file(shared, victim):
    one = shared
    seen: list[bytes] = []
    thread = one.listen(seen)
    wait_for(lambda: seen and one.started, "nothing came")
    program = one.started[-1]
    os.kill(program if victim == "program" else parent_of(program), signal.SIGKILL)
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive() and seen[-1] != b"" and b"".join(seen) == WHOLE[:5000]
    assert not os.path.exists(one.encode.finished)
    one.go()
    with one.instance.client(one.owner.bearer) as caller:
        answer = caller.get(one.address())
        if victim == "program":
            assert answer.status_code == 422  # Its fault, as far as one can tell: not tried again at once.
            os.unlink(one.encode.failure)
            answer = caller.get(one.address())
        assert answer.content == WHOLE
    wait_for(lambda: not is_alive(program), "FFmpeg outlived its encoder")


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def test_everything_ends_with_the_server(stage):
    one = stage()
    thread = one.listen([])
    wait_for(lambda: one.started, "nothing began")
    program = one.started[-1]
    encoder = parent_of(program)
    os.killpg(one.instance.process.pid, signal.SIGKILL)
    wait_for(lambda: not is_alive(program) and not is_alive(encoder), "an encode outlived the server")
    thread.join(PATIENCE_SECONDS)
    assert not os.path.exists(one.encode.finished)


def test_a_failure_is_told_once_for_all(shared):
    one = shared
    (one.folder / "fail").touch()
    with one.instance.client(one.owner.bearer) as caller:
        for _ in range(3):
            answer = caller.get(one.address())
            assert (
                answer.status_code == 422 and "cannot be converted" in answer.json()["errors"][0]["message"]
            )
    assert len(one.started) == 1


def test_a_full_disk_is_said_clearly_and_begins_nothing(stage):
    one = stage(transcode_free_bytes=10**18)
    with one.instance.client(one.owner.bearer) as caller:
        answer = caller.get(one.address())
        assert answer.status_code == 507
        assert answer.json()["errors"][0]["message"] == "There is not enough free space on the server."
    assert one.started == []


def test_more_encodes_than_allowed_have_to_wait(stage, monkeypatch):
    one = stage(transcodes_at_once=1)
    other = add_video(Builder(one.instance), one.owner, make_video(rate=5))
    seen: list[bytes] = []
    thread = one.listen(seen)
    wait_for(lambda: seen, "nothing came")
    with one.instance.client(one.owner.bearer) as caller:
        answer = caller.get(one.address(other))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        one.go()
        thread.join(PATIENCE_SECONDS)
        assert caller.get(one.address(other)).content == WHOLE


def test_what_was_watched_longest_ago_goes_first(stage):
    one = stage(transcode_cache_bytes=25_000)
    one.go()
    others = [add_video(Builder(one.instance), one.owner, make_video(rate=5 + n)) for n in range(2)]
    folder = one.encode.folder
    with one.instance.client(one.owner.bearer) as caller:
        for photo in (one.photo, others[0]):
            assert caller.get(one.address(photo)).content == WHOLE
            path = Encode(folder, photo.image_hash.encode()).finished
            os.utime(path, (time.time() - 1000, os.stat(path).st_mtime))
        assert caller.get(one.address()).content == WHOLE  # Watched again: the other one is the oldest now.
        assert caller.get(one.address(others[1])).content == WHOLE
    kept = [os.path.exists(Encode(folder, p.image_hash.encode()).finished) for p in (one.photo, *others)]
    wait_for(
        lambda: not os.path.exists(Encode(folder, others[0].image_hash.encode()).finished), "all was kept"
    )
    assert kept[0] and kept[2]


def test_a_connection_that_is_cut_counts_as_left(shared):
    one = shared
    with socket.create_connection(("127.0.0.1", one.instance.port)) as raw:
        request = (
            f"GET {one.address()} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {one.owner.access}\r\n\r\n"
        )
        raw.sendall(request.encode())
        assert raw.recv(1000)
        wait_for(lambda: one.started, "nothing began")
    wait_for(lambda: not is_alive(one.started[-1]), "FFmpeg went on for nobody")


def test_a_disk_that_fills_up_meanwhile_is_told_and_leaves_nothing(tmp_path):
    """By the encoder alone, whose files may not grow over 6,000 bytes: to it that is a full disk."""
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!{sys.executable}\nimport sys\nsys.stdout.buffer.write(b'x' * 100_000)\n")
    program.chmod(0o755)
    (tmp_path / "a.mp4").write_bytes(make_video())
    encode = Encode(os.fsencode(tmp_path), b"abc")
    encode.prepare()
    with (tmp_path / "a.mp4").open("rb") as source:
        settings = EncoderSettings(
            source=source.fileno(),
            mime="video/mp4",
            folder=str(tmp_path),
            name="abc",
            tables=str(tmp_path),
            ffmpeg=str(program),
            parent_pid=os.getpid(),
            at_once=1,
            idle_seconds=60,
            most_bytes=10**9,
            free_bytes=0,
        )
        done = subprocess.run(
            [sys.executable, "-m", "librephotos.media.video.encoder", msgspec.json.encode(settings).decode()],
            pass_fds=[source.fileno()],
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, 6_000)),
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            start_new_session=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == Ending.NO_SPACE
    assert not os.path.exists(encode.part) and not os.path.exists(encode.finished)
    assert encode.find_failure() is None


# --- the folder


def test_room_is_made_by_time_and_never_under_somebody_who_listens(tmp_path):
    folder = os.fsencode(tmp_path)
    encodes = [Encode(folder, f"{n:02}abc".encode()) for n in range(4)]
    for age, encode in enumerate(encodes):
        encode.prepare()
        Path(os.fsdecode(encode.finished)).write_bytes(bytes(100))
        os.utime(encode.finished, (1000 + age, 1000))
    listener = subprocess.Popen(
        [sys.executable, "-c", LISTEN, os.fsdecode(encodes[0].heard)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert listener.stdout.readline() == "listening\n"
        assert make_room(folder, Room(250, 0))
        assert [os.path.exists(each.finished) for each in encodes] == [True, False, False, True]
        assert not make_room(folder, Room(250, 10**18))
        assert [os.path.exists(each.finished) for each in encodes] == [True, False, False, False]
    finally:
        listener.kill()
        listener.communicate()


LISTEN = """
import fcntl, os, sys, time
descriptor = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(descriptor, fcntl.LOCK_SH)
print("listening", flush=True)
time.sleep(60)
"""
