"""Fixtures of the search's tests: photos that are found, because what follows a change was told of them."""

from collections.abc import Callable
from typing import Any

import pytest

from librephotos.photos.changes import photos_changed
from tests.builders import Builder, Photo
from tests.instance import Account, Instance

Add = Callable[..., Photo]


@pytest.fixture
def builder(instance: Instance) -> Builder:
    return Builder(instance)


def tell(instance: Instance, owner: Account, *photos: Photo) -> None:
    with instance.db.transaction() as tx:
        photos_changed(tx, owner.user_id, [each.photo_id for each in photos])


@pytest.fixture
def add(instance: Instance, builder: Builder, user: Account) -> Add:
    """Add a visible photo that is found by `captions`, and by whatever else it is given."""

    def make(
        captions: str = "", *, owner: Account = user, metadata: dict[str, Any] | None = None, **columns: Any
    ) -> Photo:
        columns.setdefault("with_files", False)
        row = {"search_captions": captions, **(metadata or {})}
        made = builder.add_photo(owner, metadata=row, **columns)
        tell(instance, owner, made)
        return made

    return make
