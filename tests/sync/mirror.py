"""A copy of feeds as a client keeps it: pages until one is empty, items put in, tombstones taken out."""

from typing import Any

import httpx

FEEDS = (
    "photos",
    "persons",
    "albums/user",
    "albums/auto",
    "albums/thing",
    "albums/place",
    "albums/tag",
    "sharing",
)


class Mirror:
    """Copies of some feeds. `repeated` are items that came again although nothing had changed."""

    def __init__(self, client: httpx.Client, *feeds: str, page_size: int = 7) -> None:
        self.client = client
        self.page_size = page_size
        self.cursors: dict[str, str] = dict.fromkeys(feeds or FEEDS, "")
        self.rows: dict[str, dict[str, dict[str, Any]]] = {feed: {} for feed in self.cursors}
        self.repeated: list[Any] = []
        self.dropped: list[str] = []

    def pull(self) -> None:
        for feed in self.cursors:
            while self.take_page(feed):
                pass

    def take_page(self, feed: str) -> bool:
        """Take one page; return whether there may be more."""
        asked: dict[str, str] = {"page_size": str(self.page_size), "cursor": self.cursors[feed]}
        answer = self.client.get(f"/api/sync/{feed}/", params=asked)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert page["v"] == 1
        assert len(page["items"]) <= self.page_size
        assert ("total" in page) == (not self.cursors[feed])
        assert (page["next_cursor"] is None) == (not page["items"])
        assert not {str(item["id"]) for item in page["items"]} & set(page["tombstones"])
        copy = self.rows[feed]
        for name in page["tombstones"]:
            copy.pop(name, None)
        self.dropped += page["tombstones"]
        for item in page["items"]:
            known = copy.get(str(item["id"]))
            if known is not None and known["last_modified"] == item["last_modified"]:
                self.repeated.append((feed, item))
            copy[str(item["id"])] = item
        self.cursors[feed] = page["next_cursor"] or self.cursors[feed]
        return bool(page["items"])


def truth(client: httpx.Client, *feeds: str) -> dict[str, dict[str, dict[str, Any]]]:
    """What a copy has that is begun now."""
    fresh = Mirror(client, *feeds, page_size=1000)
    fresh.pull()
    return fresh.rows
