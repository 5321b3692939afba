"""Deleting an account: who may, what ends at once, and that nothing of its content is lost."""

from typing import Any

import pytest
from sqlalchemy import Table, bindparam, insert, select

from librephotos.db.statements import Statement, scalar, statement
from librephotos.db.tables import (
    album,
    album_link,
    album_photo,
    album_share,
    day,
    duplicate_group,
    duplicate_photo,
    event_album,
    event_photo,
    file,
    job,
    metadata,
    person,
    photo,
    photo_share,
    photo_stack,
    photo_tag,
    place_album,
    place_photo,
    stack_photo,
    tag,
    thing_album,
    thing_photo,
    user,
)
from librephotos.kit import clock, ids
from librephotos.photos.changes import recount_all
from librephotos.users.hand_over import find_heir, unique_title
from tests.builders import Builder, change_row
from tests.conftest import NewInstance
from tests.instance import Account, Instance

GROUPS = {"place_album", "thing_album", "event_album", "tag", "photo_stack", "duplicate_group"}
HANDED_OVER = {"day", "job", "person", "photo", "album", "file", *GROUPS}


def put(one: Instance, table: Table, **values: Any) -> int:
    """Insert a row; return its id, or 0 for a table without one."""
    query = insert(table).values({name: bindparam(name) for name in values})
    with one.db.transaction() as tx:
        if "id" not in table.c:
            tx.execute(statement(query), **values)
            return 0
        return tx.one(Statement(query.returning(table.c.id), scalar), **values)


def rows(one: Instance, *columns: Any) -> list[tuple[Any, ...]]:
    with one.db.snapshot() as tx:
        return tx.all(statement(select(*columns)))


def fill(one: Instance, owner: int, friend: int, path: bytes) -> dict[str, int]:
    """A dated photo with its file, an undated one, an album that is shared and linked, a person, a waiting job."""
    now = clock.now()
    made = {
        "day": put(one, day, owner_id=owner, date="2023-07-01", photo_count=1),
        "undated": put(one, day, owner_id=owner, date=None, photo_count=1),
    }
    made["file"] = put(
        one, file, owner_id=owner, path_bytes=path, path=path.decode(), added_at=now, checked_at=now
    )
    for name, day_id, main in (("photo", made["day"], made["file"]), ("bare", made["undated"], None)):
        made[name] = put(
            one, photo, uuid=ids.new_uuid(), image_hash=f"{day_id:032x}{owner}", owner_id=owner, day_id=day_id,
            added_at=now, modified_at=now, is_public=True, main_file_id=main, aspect_ratio=1.5,
        )  # fmt: skip
    made["album"] = put(one, album, owner_id=owner, title="Summer", saved_at=now)
    put(one, album_photo, album_id=made["album"], photo_id=made["photo"])
    put(one, album_share, album_id=made["album"], user_id=friend)
    put(one, photo_share, photo_id=made["photo"], user_id=friend)
    put(one, album_link, album_id=made["album"], is_enabled=True, slug=ids.new_token())
    made["person"] = put(one, person, owner_id=owner, name="Grandma", modified_at=now)
    for group, members in (
        (put(one, place_album, owner_id=owner, title="Lisbon", modified_at=now), place_photo),
        (put(one, thing_album, owner_id=owner, title="beach", modified_at=now), thing_photo),
        (
            put(
                one, event_album, owner_id=owner, happened_local="2023-07-01T02:00:00", created_at=now,
                modified_at=now,
            ),
            event_photo,
        ),
    ):  # fmt: skip
        put(one, members, album_id=group, photo_id=made["photo"])
    made["tag"] = put(one, tag, owner_id=owner, name="holiday", modified_at=now)
    put(one, photo_tag, tag_id=made["tag"], photo_id=made["photo"])
    for groups, members, key in (
        (photo_stack, stack_photo, "stack_id"),
        (duplicate_group, duplicate_photo, "group_id"),
    ):
        kind = "manual" if groups is photo_stack else "visual_duplicate"
        group = put(
            one, groups, uuid=ids.new_uuid(), owner_id=owner, kind=kind, created_at=now, changed_at=now
        )
        for name in ("photo", "bare"):
            put(one, members, photo_id=made[name], **{key: group})
    made["job"] = put(
        one, job, job_id=ids.new_uuid(), job_type=1, kind="test-only", user_id=owner, queued_at=now
    )
    return made


def test_every_table_that_belongs_to_an_account_is_handed_over() -> None:
    owned = {
        table.name
        for table in metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "user" and key.ondelete == "RESTRICT"
    }
    assert owned == HANDED_OVER, "users/hand_over.py must know every table that an account owns"


def test_two_deleted_accounts_with_the_same_days_titles_and_paths_lose_nothing(
    new_instance: NewInstance,
) -> None:
    one = new_instance()
    root, friend = one.add_user("root", is_admin=True), one.add_user("friend")
    people = [one.add_user("ann", photo_count=2), one.add_user("bob", photo_count=2)]
    made = [fill(one, person.user_id, friend.user_id, b"/photos/same.jpg") for person in people]
    with one.db.transaction() as tx:
        heir = find_heir(tx)
    with one.client(root.bearer) as client:
        for account in people:
            answer = client.delete(f"/api/delete/user/{account.user_id}/")
            assert (answer.status_code, answer.content) == (204, b"")
            assert client.get(f"/api/manage/user/{account.user_id}/").status_code == 404
    days = rows(one, day.c.date, day.c.owner_id, day.c.photo_count)
    assert sorted(days, key=str) == sorted([("2023-07-01", heir, 2), (None, heir, 2)], key=str)
    photos = rows(one, photo.c.id, photo.c.owner_id, photo.c.is_public, photo.c.day_id, photo.c.main_file_id)
    assert len(photos) == 4
    by_id = {row[0]: row for row in photos}
    assert {row[1] for row in photos} == {heir}
    assert not any(row[2] for row in photos)
    assert by_id[made[0]["photo"]][3] == by_id[made[1]["photo"]][3]
    assert by_id[made[0]["bare"]][3] == by_id[made[1]["bare"]][3] != by_id[made[0]["photo"]][3]
    # One row a path: the newer one; the older photo knows that it has no file any more.
    assert rows(one, file.c.id, file.c.owner_id) == [(made[1]["file"], heir)]
    assert (by_id[made[0]["photo"]][4], by_id[made[1]["photo"]][4]) == (None, made[1]["file"])
    assert sorted(rows(one, album.c.title, album.c.owner_id)) == [("Summer", heir), ("Summer (bob)", heir)]
    assert len(rows(one, album_photo.c.album_id)) == 2
    # Groups of one name have become one, and hold the photos of both.
    for groups, members in (
        (place_album, place_photo), (thing_album, thing_photo), (event_album, event_photo), (tag, photo_tag),
    ):  # fmt: skip
        assert rows(one, groups.c.owner_id) == [(heir,)]
        assert len(rows(one, members.c.photo_id)) == 2
    for groups in (photo_stack, duplicate_group):
        assert rows(one, groups.c.owner_id, groups.c.live_count) == [(heir, 2), (heir, 2)]
    for groups in (place_album, thing_album, event_album):
        assert rows(one, groups.c.photo_count) == [(2,)]
    for table in (album_share, album_link, photo_share):
        assert rows(one, *table.c) == []
    assert rows(one, person.c.owner_id) == [(heir,), (heir,)]
    assert {(row[0], row[1]) for row in rows(one, job.c.user_id, job.c.state)} == {(heir, "cancelled")}
    assert [row for row in rows(one, user.c.photo_count, user.c.username) if row[1] == "deleted"] == [
        (4, "deleted")
    ]


def test_what_follows_changed_photos_follows_a_hand_over(new_instance: NewInstance) -> None:
    one = new_instance()
    root, other = one.add_user("root", is_admin=True), one.add_user("other")
    ann, bob, cid = (one.add_user(name) for name in ("ann", "bob", "cid"))
    builder = Builder(one)
    with one.db.transaction() as tx:
        heir = find_heir(tx)
    first = builder.add_photo(ann, taken_local="2023-07-01T09:00:00")
    placed = builder.add_photo(bob, taken_local="2023-07-01T12:00:00", place="Lisbon", is_public=True)
    builder.add_photo(bob, taken_local="2023-07-01T13:00:00", is_hidden=True)
    builder.add_photo(cid, taken_local="2023-07-01T08:00:00", place="Porto", is_trashed=True)
    builder.add_photo(cid, taken_local="2024-01-01T08:00:00")
    double = builder.add_photo(cid, taken_local="2024-01-01T09:00:00")
    with one.db.transaction() as tx:
        # The file of the last one is where that of the first one was.
        change_row(tx, file, double.file_id, path_bytes=bytes(first.path), path=str(first.path))
        for account in (ann, bob, cid):
            recount_all(tx, account.user_id)
    versions = dict(rows(one, user.c.id, user.c.list_version))
    with one.client(root.bearer) as client:
        for account in (ann, bob, cid):
            before = dict(rows(one, photo.c.id, photo.c.modified_at))
            assert client.delete(f"/api/delete/user/{account.user_id}/").status_code == 204
    after = dict(rows(one, photo.c.id, photo.c.modified_at))
    # What lost its file to a newer row has changed, what was the heir's already has not.
    assert after[first.photo_id] > before[first.photo_id]
    assert after[double.photo_id] > before[double.photo_id]
    assert after[placed.photo_id] == before[placed.photo_id]
    kept = sorted(rows(one, day.c.owner_id, day.c.date, day.c.photo_count, day.c.location))
    assert kept == [(heir, "2023-07-01", 2, "Lisbon"), (heir, "2024-01-01", 2, "")]
    counts = rows(one, user.c.id, user.c.photo_count, user.c.public_photo_count)
    assert [(photos, public) for user_id, photos, public in counts if user_id == heir] == [(4, 0)]
    now = dict(rows(one, user.c.id, user.c.list_version))
    assert all(now[each] > versions[each] for each in (heir, root.user_id, other.user_id))
    with one.db.transaction() as tx:
        recount_all(tx, heir)
    assert sorted(rows(one, day.c.owner_id, day.c.date, day.c.photo_count, day.c.location)) == kept


def test_a_deleted_account_is_out_at_once(instance: Instance, admin: Account) -> None:
    account = instance.add_user(password="a-password")
    with instance.client() as client:
        assert client.get("/api/storagestats/", headers=account.bearer).status_code == 200
        assert client.get("/api/storagestats/", auth=account.basic).status_code == 200
        assert client.delete(f"/api/delete/user/{account.user_id}", headers=admin.bearer).status_code == 204
        assert client.get("/api/storagestats/", headers=account.bearer).status_code == 401
        assert client.get("/api/storagestats/", auth=account.basic).status_code == 401
        assert client.post("/api/auth/token/refresh/", json={"refresh": account.refresh}).status_code == 401
        login = {"username": account.username, "password": account.password}
        assert client.post("/api/auth/token/obtain/", json=login).status_code == 401


@pytest.mark.parametrize("address", ["/api/delete/user/", "/api/user/"])
def test_deletion_is_for_admins_and_superusers_are_protected(
    instance: Instance, admin: Account, user: Account, stranger: Account, address: str
) -> None:
    staff = instance.add_user(is_staff=True)
    target = f"{address}{stranger.user_id}/"
    with instance.client() as client:
        assert client.delete(target).status_code == 401
        assert client.delete(target, headers=user.bearer).status_code == 403
        assert client.delete(f"{address}987654321/", headers=user.bearer).status_code == 403
        protected = client.delete(f"{address}{admin.user_id}/", headers=admin.bearer)
        assert (protected.status_code, protected.content) == (400, b"")
        assert client.delete(f"{address}987654321/", headers=admin.bearer).status_code == 404
        assert client.delete(f"{address}abc/", headers=admin.bearer).status_code == 404
        by_staff = client.delete(target, headers=staff.bearer)
        if address == "/api/user/":
            assert by_staff.status_code == 204
        else:
            assert (by_staff.status_code, by_staff.content) == (401, b"")
            assert by_staff.headers["www-authenticate"] == 'Bearer realm="api"'


def test_only_delete_exists_and_the_reserved_account_stays(
    instance: Instance, admin: Account, user: Account
) -> None:
    with instance.db.transaction() as tx:
        heir = find_heir(tx)
    with instance.client(admin.bearer) as client:
        for method in ("GET", "PUT", "PATCH"):
            assert client.request(method, f"/api/delete/user/{user.user_id}/").status_code == 405
        for method in ("GET", "POST"):
            assert client.request(method, "/api/delete/user/").status_code == 404
        assert client.delete(f"/api/delete/user/{heir}/").status_code == 404
        assert client.patch(f"/api/manage/user/{heir}/", json={"is_active": True}).status_code == 404


def test_a_fresh_title_names_the_person_and_is_numbered() -> None:
    assert unique_title("Summer", "ann", {"Summer"}) == "Summer (ann)"
    assert unique_title("Summer", "ann", {"Summer", "Summer (ann)"}) == "Summer (ann 2)"
