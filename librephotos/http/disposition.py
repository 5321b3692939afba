"""`Content-Disposition` for file names that may hold anything (RFC 6266, RFC 8187)."""

import os
import re
from urllib.parse import quote

_UNSAFE = re.compile(r"[^ !#$&+\-.0-9A-Z^_`a-z|~()\[\],;=@{}\']")


def disposition(kind: str, path: bytes) -> bytes:
    """Return `kind` (`inline` or `attachment`) with the base name of `path`, plain where it is plain."""
    name = os.path.basename(path).decode("utf-8", "replace")
    plain = _UNSAFE.sub("_", name)
    text = f'{kind}; filename="{plain}"'
    if plain != name:
        text += f"; filename*=UTF-8''{quote(name, safe='')}"
    return text.encode("ascii")
