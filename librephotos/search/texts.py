"""The text that a photo is found by, and the form in which texts are compared; no I/O."""

import unicodedata
from collections.abc import Iterable
from typing import Final

import msgspec

# Between parts, so that no term is found across two of them: a control character that nobody types.
_BETWEEN: Final = "\x1f"


class Findable(msgspec.Struct, frozen=True):
    """What is stored of a photo; `taken_local` is its capture time as ISO 8601, None when unknown."""

    captions: str = ""
    location: str = ""
    taken_local: str | None = None
    tags: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


def fold(text: str) -> str:
    """Return the form in which texts are compared: whatever the case, and composed as most programs compose letters."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).replace(_BETWEEN, " ")


def compose_text(photo: Findable) -> str:
    """Return everything that a photo is found by, folded; what `captions` says already is not said again."""
    captions = fold(photo.captions).replace("\x00", "")
    parts = [captions, *_others(captions, (*photo.tags, *photo.people)), fold(photo.location)]
    if photo.taken_local:
        # As times read in the published search, of which `2023-07` is a part.
        parts.append(photo.taken_local.replace("T", " ") + "+00")
    return _BETWEEN.join(part for part in parts if part)


def _others(captions: str, names: Iterable[str]) -> list[str]:
    folded = dict.fromkeys(fold(name) for name in names)
    return [name for name in folded if name not in captions]
