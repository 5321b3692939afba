"""Lists are kept until what they show changes: names of people and what a user thinks a likely person."""

import pytest

from tests.builders import Builder
from tests.instance import Account, Instance


@pytest.mark.parametrize(
    ("change", "is_everybodys"),
    [
        ({"first_name": "Renamed"}, True),
        ({"last_name": "Renamed"}, True),
        ({"confidence_person": 0.3}, False),
    ],
)
def test_a_changed_account_gives_lists_a_new_etag(
    instance: Instance, user: Account, stranger: Account, change: dict[str, object], is_everybodys: bool
) -> None:
    Builder(instance).add_photo(user)
    with instance.client(user.bearer) as own, instance.client(stranger.bearer) as other:
        for path in ("/api/photos/", "/api/albums/date/list/"):
            before = [client.get(path).headers["etag"] for client in (own, other)]
            still = [client.get(path).headers["etag"] for client in (own, other)]
            assert still == before
            assert own.patch(f"/api/user/{user.user_id}/", json=change).status_code == 200
            after = [client.get(path).headers["etag"] for client in (own, other)]
            assert after[0] != before[0]
            assert (after[1] != before[1]) == is_everybodys
            old = {"If-None-Match": before[0]}
            assert own.get(path, headers=old).status_code == 200
