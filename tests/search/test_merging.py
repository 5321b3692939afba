"""The index of texts, in one piece: merging changes nothing that is found, waits for jobs, and goes on where it was."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from librephotos.accounts.viewer import Viewer
from librephotos.db import text_merging
from librephotos.db.text_merging import is_scattered, merge_some, segment_pages
from librephotos.jobs.queries import cancel_job, enqueue_job, find_busy_job
from librephotos.photos.changes import photos_changed
from librephotos.search import merging
from librephotos.settings import load_settings
from tests.builders import Builder
from tests.conftest import NewInstance
from tests.databases import ON_POSTGRESQL
from tests.instance import Account, Instance
from tests.search.asking import find
from tests.search.conftest import tell

pytestmark = pytest.mark.skipif(ON_POSTGRESQL, reason="PostgreSQL merges its index itself")
PHOTOS = 12
# Of many different letters, so that the index has pages to write.
WORDS = " ".join(f"{number:03x}{number * 7919:06x}" for number in range(400))


@pytest.fixture
def scattered(
    new_instance: NewInstance, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Instance, Account]]:
    """An installation whose texts were stored one by one, half of them twice."""
    monkeypatch.setattr(text_merging, "SMALL_PAGES", 1)
    monkeypatch.setattr(text_merging, "PAGES_AT_ONCE", 1)
    instance = new_instance()
    user, builder = instance.add_user(), Builder(instance)
    for number in range(PHOTOS):
        texts = {"search_captions": f"photo-{number:02} {WORDS} {number * 104729}"}
        photo = builder.add_photo(user, metadata=texts, with_files=False)
        tell(instance, user, photo)
        if number % 2:
            with instance.db.transaction() as tx:
                tx.connection.execute(
                    f"UPDATE photo_metadata SET search_captions = 'walk {number:02}' WHERE photo_id = {photo.photo_id}"
                )
                photos_changed(tx, user.user_id, [photo.photo_id])
    yield instance, user


def _sizes(instance: Instance) -> list[int]:
    with instance.db.snapshot() as tx:
        return segment_pages(tx)


def _is_scattered(instance: Instance) -> bool:
    with instance.db.snapshot() as tx:
        return is_scattered(tx)


def _found(instance: Instance, user: Account) -> list[list[str]]:
    with instance.client(user.bearer) as client:
        return [
            find(client, text) for text in ("photo-", "photo-04", "photo-05", "walk", '"walk 07"', "000000")
        ]


def test_what_is_found_is_the_same_before_between_and_after(scattered: tuple[Instance, Account]):
    instance, user = scattered
    assert len(_sizes(instance)) > 1
    assert _is_scattered(instance)
    before = _found(instance, user)
    assert [len(each) for each in before] == [6, 1, 0, 6, 1, 6]
    steps, begins = 0, True
    while instance.db.commit(merge_some, begins=begins):
        begins = False
        steps += 1
        if steps < 4:
            assert _found(instance, user) == before
    assert steps > 1
    (size,) = _sizes(instance)
    assert size > 1
    assert not _is_scattered(instance)
    assert _found(instance, user) == before
    # Nor does another round find anything to do.
    assert not instance.db.commit(merge_some, begins=True)


def test_merging_that_was_ended_goes_on(scattered: tuple[Instance, Account]):
    instance, user = scattered
    before = _found(instance, user)
    assert instance.db.commit(merge_some, begins=True)
    builder = Builder(instance)
    tell(instance, user, builder.add_photo(user, metadata={"search_captions": "meanwhile"}, with_files=False))
    merging.merge(instance.db, threading.Event())
    assert not _is_scattered(instance)
    assert _found(instance, user) == before
    with instance.client(user.bearer) as client:
        assert len(find(client, "meanwhile")) == 1


def test_a_small_index_is_left_alone(scattered: tuple[Instance, Account], monkeypatch: pytest.MonkeyPatch):
    instance, _ = scattered
    monkeypatch.setattr(text_merging, "SMALL_PAGES", 1_000_000)
    assert not _is_scattered(instance)


def test_it_is_merged_beside_the_jobs_when_none_is_at_work(
    scattered: tuple[Instance, Account], monkeypatch: pytest.MonkeyPatch
):
    instance, user = scattered
    monkeypatch.setattr(merging, "LOOK_SECONDS", 0.02)
    instance.db.commit(enqueue_job, user.user_id, 1, "nothing")
    looked, done, stopping = threading.Event(), threading.Event(), threading.Event()
    real_look, real_merge = merging._is_due, merging.merge

    def look(db: Any) -> bool:
        is_due = real_look(db)
        looked.set()
        return is_due

    def merge(db: Any, until: threading.Event) -> None:
        real_merge(db, until)
        done.set()

    monkeypatch.setattr(merging, "_is_due", look)
    monkeypatch.setattr(merging, "merge", merge)
    settings = load_settings(data=instance.data)
    thread = threading.Thread(target=merging.keep_index_merged, args=(instance.db, settings, stopping))
    thread.start()
    try:
        assert looked.wait(30)
        assert not done.is_set()
        assert _is_scattered(instance)
        with instance.db.snapshot() as tx:
            busy = find_busy_job(tx)
        assert busy is not None
        instance.db.commit(cancel_job, Viewer(user_id=user.user_id), busy.id)
        assert done.wait(30)
        assert not _is_scattered(instance)
    finally:
        stopping.set()
        thread.join(30)
    assert not thread.is_alive()
