"""Why a photo's file cannot be served."""

import os
from pathlib import Path

import httpx

from librephotos.kit.mounts import Mount, find_mount
from librephotos.site.diagnostics import _describe, _remedies, diagnose
from librephotos.site.schemas import Blocking
from tests.builders import Builder, change_row, photo
from tests.instance import Account, Instance

UNKNOWN = {"detail": "No photo matches that identifier."}


def test_an_admin_sees_where_a_file_lies_and_whether_it_is_there(
    instance: Instance, builder: Builder, user: Account, admin: Account, client: httpx.Client
) -> None:
    one, gone, bare = (builder.add_photo(user) for _ in range(3))
    gone.path.unlink()
    with instance.db.transaction() as tx:
        change_row(tx, photo, bare.photo_id, main_file_id=None)
    with instance.client(admin.bearer) as boss:
        for path in (f"/api/media/diagnostics/{one.uuid}", f"/api/media/diagnostics/{one.image_hash}/"):
            found = boss.get(path).json()
            assert (found["path"], found["exists"], found["readable_by_webserver"]) == (
                str(one.path),
                True,
                True,
            )
            assert (found["cause"], found["blocking"], found["remedies"]) == ("unknown", None, [])
            assert found["webserver"] == {"uid": os.geteuid(), "gid": os.getegid()}
            assert boss.head(path).status_code == 200
        lost = boss.get(f"/api/media/diagnostics/{gone.uuid}/").json()
        assert (lost["exists"], lost["cause"]) == (False, "missing")
        assert lost["blocking"] == {"path": str(gone.path), "kind": "file"}
        assert lost["remedies"][0] == "mount_deeper"
        assert boss.get(f"/api/media/diagnostics/{bare.uuid}/").json() == {
            "path": None,
            "exists": False,
            "readable_by_webserver": False,
            "cause": "missing",
            "blocking": None,
            "remedies": [],
        }
        for name in ("x", "0" * 33, "00000000-0000-4000-8000-000000000000", "%00"):
            answer = boss.get(f"/api/media/diagnostics/{name}/")
            assert (answer.status_code, answer.json()) == (404, UNKNOWN)
    assert client.get(f"/api/media/diagnostics/{one.uuid}/").status_code == 403
    with instance.client() as nobody:
        assert nobody.get(f"/api/media/diagnostics/{one.uuid}/").status_code == 401


def test_the_first_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    found = diagnose(os.fsencode(tmp_path / "disk" / "2020" / "a.jpg"))
    assert found.blocking == Blocking(str(tmp_path / "disk"), "directory")


def test_a_folder_whose_mode_shuts_out_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"x")
    folder.chmod(0o600)
    # Root passes every folder; a child process that is somebody else does not.
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            tmp_path.chmod(0o755)
            for parent in tmp_path.parents:
                if parent != Path("/") and parent.stat().st_uid == os.geteuid():
                    parent.chmod(parent.stat().st_mode | 0o011)
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            found = diagnose(os.fsencode(folder / "a.jpg"))
            blocking = found.blocking.path if found.blocking else ""
            os.write(write, f"{found.cause} {blocking} {found.remedies[-1]}".encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    told = os.read(read, 4096).decode()
    os.close(read)
    folder.chmod(0o700)
    assert told == f"mode_bits {folder} chmod"


def test_what_helps_depends_on_the_disk() -> None:
    table = (
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
        "40 22 0:50 / /mnt/nas ro,noatime - cifs //nas/photos rw,uid=1000,file_mode=0700\n"
    )
    share, disk = find_mount(b"/mnt/nas/a.jpg", table), find_mount(b"/home/a.jpg", table)
    assert share == Mount("/mnt/nas", "cifs", ("ro", "noatime", "rw", "uid=1000", "file_mode=0700"))
    assert disk is not None and disk.type == "ext4"
    facts = _describe(share)
    assert facts.read_only and facts.network and facts.permissions_from_mount
    assert _remedies("mode_bits", share) == ["mount_options", "network_fs"]
    assert _remedies("mode_bits", disk) == ["chmod"]
    assert _remedies("not_mode_bits", disk) == ["labels"]
    assert _remedies("missing", disk) == ["mount_deeper"]
