"""A victim and an attacker who share nothing, for tests that make no world of their own."""

from collections.abc import Iterator

import httpx
import pytest

from tests.authorization.world import World, make_world
from tests.instance import Instance


@pytest.fixture(scope="session")
def world(instance: Instance) -> World:
    made = make_world(instance)
    made.builder.change_user(made.victim, email="victim@example.org")
    made.situations["public"] = made.builder.add_photo(made.victim, is_public=True)
    return made


@pytest.fixture
def attacker(world: World) -> Iterator[httpx.Client]:
    """Somebody with an account whom the victim shares nothing with."""
    with world.instance.client(world.unrelated.bearer) as client:
        yield client
