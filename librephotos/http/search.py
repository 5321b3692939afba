"""The `search` parameter of lists: its terms, every one of which must be found."""

import re

from librephotos.errors import BadInput

# Quoted phrases stay together; otherwise white space and commas part the terms.
_TERM = re.compile(r'"([^"]*)"|\'([^\']*)\'|([^\s,]+)')
MAX_TERMS = 20
# SQLite refuses patterns of more than 50,000 bytes. Folded, a character may take twelve, and a sign of patterns three.
MAX_CHARACTERS = 4_000


def parse_search(text: str | None) -> tuple[str, ...]:
    """Return the terms in order, each once. Raises BadInput for a text that no search can be made of."""
    if not text:
        return ()
    check_search(text)
    found = (double or single or bare for double, single, bare in _TERM.findall(text))
    return tuple(dict.fromkeys(term for term in found if term.strip()))[:MAX_TERMS]


def check_search(text: str) -> None:
    """Raise BadInput for a text with a NUL character, or one that is too long."""
    if "\x00" in text:
        raise BadInput.of("search", "Null characters are not allowed.")
    if len(text) > MAX_CHARACTERS:
        raise BadInput.of("search", f"Ensure this search has no more than {MAX_CHARACTERS} characters.")
