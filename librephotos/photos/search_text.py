"""The one long text by which a photo is found: tags, captions, names of files, camera, lens, keywords, kind."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec


class SearchWords(msgspec.Struct):
    """What is stored of a photo that people search by; `captions` has the published keys of `captions_json`."""

    is_video: bool = False
    is_screenshot: bool = False
    is_document: bool = False
    camera: str | None = None
    lens: str | None = None
    keywords: list[str] = []
    captions: dict[str, Any] = {}
    people: list[str] = []
    typed: list[str] = []


def compose_search_text(words: SearchWords, paths: Iterable[str]) -> str:
    """Return the text, space-joined, each part once. `paths` begin with the main file's."""
    return " ".join(dict.fromkeys(part for part in _parts(words, paths) if part))


def _parts(words: SearchWords, paths: Iterable[str]) -> Iterator[str]:
    for value in words.captions.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from _texts(value)
    yield from words.typed
    yield from words.people
    yield from paths
    if words.is_video:
        yield "type: video"
    if words.is_screenshot:
        yield "type: screenshot"
    if words.is_document:
        yield "type: document"
    yield words.camera or ""
    yield words.lens or ""
    yield from words.keywords


def _texts(value: Mapping[str, Any]) -> Iterator[str]:
    """The words of a tagging model: lists of texts, and single texts."""
    for inner in value.values():
        if isinstance(inner, str):
            yield inner
        elif isinstance(inner, list):
            yield from (text for text in inner if isinstance(text, str))
