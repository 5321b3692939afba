"""Hashtags in captions, and who wants to know of them: things that photos are grouped by."""

from collections.abc import Callable, Sequence

from librephotos.db.transactions import Tx

# Called in the transaction of the change with the owner, the photo and all hashtags of its caption now.
HashtagFollower = Callable[[Tx, int, int, Sequence[str]], None]
_followers: list[HashtagFollower] = []


def extract_hashtags(caption: str) -> list[str]:
    """Return every word that begins with `#` and goes on, `#` included, each once and in order."""
    return list(dict.fromkeys(word for word in caption.split() if word.startswith("#") and len(word) > 1))


def follow_hashtags(follower: HashtagFollower) -> None:
    """Register who is told of hashtags; once, where the application is wired."""
    _followers.append(follower)


def tell_hashtags(tx: Tx, owner_id: int, photo_id: int, caption: str) -> None:
    hashtags = extract_hashtags(caption)
    for follower in _followers:
        follower(tx, owner_id, photo_id, hashtags)
