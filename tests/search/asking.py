"""Asks a server for photos, in both forms of answers."""

import httpx

PATH = "/api/photos/searchlist/"


def flat(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["image_hash"] for group in answer.json()["results"] for item in group["items"]]


def find(client: httpx.Client, search: str, **more: str) -> list[str]:
    """Return the hashes that a search finds; the whole answer and its pages must say the same."""
    found = flat(client.get(PATH, params={"search": search, **more}))
    page = client.get(PATH, params={"search": search, "page_size": "2000", **more})
    assert flat(page) == found
    assert page.json()["count"] == len(found)
    return found
