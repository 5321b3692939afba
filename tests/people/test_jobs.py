"""The jobs of faces: pictures that are missing are cut again, and what is not installed is said."""

from types import SimpleNamespace

import pytest

from librephotos.people.jobs import NO_DETECTOR, NO_EMBEDDER, group_faces, scan_faces
from librephotos.people.pictures import picture_path, remove_pictures
from librephotos.settings import Settings
from tests.builders import Builder
from tests.conftest import NewInstance
from tests.instance import Account, Instance
from tests.library.in_process import PlainRun
from tests.people.test_drawing import is_green, paint
from tests.photos.rows import read_all

IN_PIXELS = {"location_left": 100, "location_top": 60, "location_right": 200, "location_bottom": 180}


def run_for(instance: Instance, owner: Account, **settings: bool) -> PlainRun:
    chosen = Settings(
        data=instance.data,
        library_roots=str(instance.library),
        database_url=instance.database_url,
        secret_key="x" * 40,
        **settings,
    )
    host = SimpleNamespace(db=instance.db, settings=chosen, pool=None)
    return PlainRun(host, owner.user_id, None)  # type: ignore[arg-type]


def test_a_picture_that_is_missing_is_cut_again(instance: Instance, builder: Builder, user: Account) -> None:
    photo, damaged = (builder.add_photo(user, metadata={}) for _ in range(2))
    paint(builder, photo)
    face_id = builder.add_face(photo, person_id=builder.add_person(user, "Ann"))
    with instance.db.transaction() as tx:
        sides = ", ".join(f"{name} = {value}" for name, value in IN_PIXELS.items())
        tx.connection.execute(f"UPDATE face SET {sides} WHERE id = {face_id}")
    builder.add_face(damaged)
    (name,) = read_all(instance, f"SELECT image FROM face WHERE id = {face_id}")[0]
    report = scan_faces(run_for(instance, user))
    assert report.result == {"faces": 2, "pictures": 1, "detected": 0, "not_installed": NO_DETECTOR}
    assert (report.target, report.error_count) == (2, 1)
    assert damaged.image_hash in report.errors[0]
    picture = picture_path(instance.data, name)
    assert is_green(picture.read_bytes())
    before = picture.stat().st_mtime_ns
    assert scan_faces(run_for(instance, user)).result["pictures"] == 0
    assert picture.stat().st_mtime_ns == before
    remove_pictures(instance.data, photo.image_hash)
    assert not picture.exists()


def test_grouping_says_that_nothing_groups(instance: Instance, builder: Builder, user: Account) -> None:
    photo = builder.add_photo(user, with_files=False)
    builder.add_face(photo)
    report = group_faces(run_for(instance, user))
    assert report.result == {"labelled": 0, "unlabelled": 1, "grouped": 0, "not_installed": NO_EMBEDDER}


@pytest.mark.parametrize("job", [scan_faces, group_faces])
def test_a_job_that_is_switched_off_does_nothing(instance: Instance, user: Account, job) -> None:  # type: ignore[no-untyped-def]
    off = run_for(instance, user, feature_face_detection=False, feature_face_cluster=False)
    assert "is off" in job(off).result["skipped"]


def test_what_is_switched_off_is_not_started(new_instance: NewInstance) -> None:
    off = new_instance(feature_face_detection="0", feature_face_cluster="0")
    with off.client(off.add_user(is_admin=True).bearer) as client:
        for method, path in (("GET", "scanfaces"), ("POST", "scanfaces"), ("POST", "trainfaces")):
            refused = client.request(method, f"/api/{path}")
            assert (refused.status_code, refused.json()["status"]) == (403, False)
        assert client.get("/api/clusterfaces").json() == {"status": True, "data": []}
