"""The list of what the server says to people is read from its sources, and holds what a real server answers."""

import re

import httpx

from tools.list_sentences import as_type, list_sentences, sentences_of

SOURCE = '''
"""A module says nothing to people."""
LIMIT = 3
WHAT = "days"
NAMES = ("a name", "Some words without an end", "Two sentences. Both count.")
log.warning("Nobody is told this.")
field = Field(description="For the API's document.")

def refuse(count):
    """Nor does a docstring."""
    if count > LIMIT:
        raise BadInput(f"At most {LIMIT} of {count} {WHAT} are possible")
    raise Refused("small words count when raised")
    return "UPPER", "{} of {} files.".format(1, 2)
'''


def test_sentences_are_found_by_their_look_with_their_gaps_numbered():
    assert set(sentences_of(SOURCE)) == {
        "Some words without an end",
        "Two sentences. Both count.",
        "At most {1} of {2} days are possible",
        "small words count when raised",
        "{1} of {2} files.",
    }
    assert as_type(['Say "it".', "b"]).endswith('export type Sentence =\n  | "Say \\"it\\"."\n  | "b";\n')


def test_what_a_server_answers_is_on_the_list(client: httpx.Client, anonymous: httpx.Client):
    answers = [
        client.post("/api/albums/user/edit/", json={"title": " ", "photos": 3}),
        client.post("/api/albums/user/edit/", json={"title": "x" * 600}),
        client.get("/api/photos/searchlist/", params={"search": "rating:9"}),
        client.get("/api/photos/searchlist/", params={"search": "type:picture date:2019-13"}),
        client.patch("/api/albums/user/edit/999999/", json={"title": "none"}),
        client.post("/api/photosedit/favorite", json={"image_hashes": "none"}),
        client.post("/api/upload/complete/", files={"upload_id": (None, "none")}),
        client.post("/api/tags/", json={"name": ""}),
        client.post("/api/scanphotos/"),
        anonymous.post("/api/user/", json={"username": "a b", "password": "1", "email": "none"}),
    ]
    known = [re.compile(pattern_of(each)) for each in list_sentences()]
    for answer in answers:
        assert 400 <= answer.status_code < 500
        for sentence in sentences_in(answer):
            assert any(each.fullmatch(sentence) for each in known), sentence


def pattern_of(sentence: str) -> str:
    return ".*".join(re.escape(part) for part in re.split(r"\{\d+\}", sentence))


def sentences_in(answer: httpx.Response) -> list[str]:
    content = answer.json()
    if "errors" in content:
        return [each["message"] for each in content["errors"]]
    return [content.get("message") or content.get("detail") or content["error"]]
