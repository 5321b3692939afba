"""An open file as the answer of a handler, with ranges and conditions."""

from typing import Any

from librephotos.http.files import Headers, OpenFile, send_file
from librephotos.http.ranges import Conditions
from librephotos.http.rendering import Ready

_CONDITIONS = {
    b"range": "byte_range",
    b"if-range": "if_range",
    b"if-none-match": "if_none_match",
    b"if-modified-since": "if_modified_since",
}


class FileAnswer(Ready):
    """An open file as an answer, with ranges; closed when it is sent."""

    def __init__(self, file: OpenFile, headers: Headers, *, is_slow: bool = True) -> None:
        super().__init__(b"", headers)
        self.file = file
        self.is_slow = is_slow

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # ASGI
        conditions = Conditions()
        for name, value in scope["headers"]:
            if name in _CONDITIONS:
                setattr(conditions, _CONDITIONS[name], value)
        try:
            headers = list(self.raw_headers)
            await send_file(
                scope, send, self.file, conditions, headers, is_slow=self.is_slow, receive=receive
            )
        finally:
            self.file.close()
