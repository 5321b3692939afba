"""The `search` parameter of lists: its terms, every one of which must be found."""

import re

from librephotos.errors import BadInput

# Quoted phrases stay together; otherwise white space and commas part the terms.
_TERM = re.compile(r'"([^"]*)"|\'([^\']*)\'|([^\s,]+)')
MAX_TERMS = 20


def parse_search(text: str | None) -> tuple[str, ...]:
    """Return the terms in order, each once. Raises BadInput for a NUL character."""
    if not text:
        return ()
    if "\x00" in text:
        raise BadInput.of("search", "Null characters are not allowed.")
    found = (double or single or bare for double, single, bare in _TERM.findall(text))
    return tuple(dict.fromkeys(term for term in found if term.strip()))[:MAX_TERMS]
