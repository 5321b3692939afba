"""Guessing at links: what it costs, whom it holds up, and that a withdrawn link is dead in every process at once."""

from collections.abc import Iterator

import pytest

from tests.accounts.guessing import Somebody, prolong
from tests.builders import Builder
from tests.conftest import NewInstance
from tests.instance import Instance
from tests.photos.rows import read_all
from tests.sharing.test_album_links import dead, make, media, slug_of, visit


@pytest.fixture
def guarded(new_instance: NewInstance) -> Iterator[Instance]:
    """Two processes behind a proxy, so that callers have addresses; two guesses are free."""
    one = new_instance(trusted_proxies="127.0.0.1", network_failures=1, api_processes=2)
    one.add_user("founder", is_admin=True)
    yield one


def test_links_are_hard_to_guess_and_dead_at_once_in_every_process(guarded: Instance) -> None:
    builder, owner = Builder(guarded), guarded.add_user()
    photo = builder.add_photo(owner)
    chosen, made = builder.add_album(owner, photo, title="a"), builder.add_album(owner, photo, title="b")
    guesser, friend = Somebody(guarded), Somebody(guarded)
    with guarded.client(owner.bearer) as client:
        named, random = slug_of(make(client, chosen, slug="summer-2023")), slug_of(make(client, made))
        of_photo = builder.link_photo(photo)
        builder.change_photo(owner, photo, is_hidden=True)
        expired = slug_of(make(client, builder.add_album(owner), expires_at="2020-01-01T00:00:00Z"))
        for _ in range(8):
            # A link that has ended, or whose photo is hidden, is no guess.
            assert dead(visit(guesser.client, expired))
            assert dead(guesser.client.get(f"/api/public/photo/{of_photo}/"))
        builder.change_photo(owner, photo, is_hidden=False)
        guesses = [visit(guesser.client, f"summer-{number}") for number in range(6)]
        guesses += [guesser.client.get(f"/api/public/photo/guess-{number}/") for number in range(2)]
        assert all(dead(each) for each in guesses[:5])
        prolong(guarded)
        refused = visit(guesser.client, "summer-2022")
        assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 0
        # Now the right guess is refused as well; links that nobody guesses are not, and nobody else is held up.
        assert visit(guesser.client, named).status_code == 429
        assert visit(guesser.client, random).status_code == 200
        assert guesser.client.get(f"/api/public/photo/{of_photo}/media/thumbnail/").status_code == 200
        assert guesser.obtain("nobody").status_code == 401
        assert visit(friend.client, named).status_code == 200
        rows = read_all(guarded, "SELECT kind, target, detail FROM audit_event WHERE kind = 'link_refused'")
        assert rows and not any("summer" in str(row) or "guess" in str(row) for row in rows)
        # Withdrawn, it is dead whichever process is asked; connections go to either.
        assert media(friend.client, photo) == 200
        for album in (chosen, made):
            client.post("/api/useralbum/makepublic", json={"album_id": album, "val_public": False})
        for _ in range(8):
            with Somebody(guarded).client as visitor:
                assert media(visitor, photo) == 403 and dead(visit(visitor, random))
        client.post("/api/photo/share", json={"photo_id": photo.uuid, "action": "disable"})
        for _ in range(8):
            with Somebody(guarded).client as visitor:
                assert dead(visitor.get(f"/api/public/photo/{of_photo}/media/thumbnail/"))
    guesser.client.close()
    friend.client.close()
