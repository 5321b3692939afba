"""The floor of the API's benchmark: a bare ASGI application that answers ready bytes, and nothing else.

Served by the same process and options as the API. BENCHMARK_ANSWERS names a file with what to answer: by target
(path and query), the status, headers and body that the API itself gave.
"""

import base64
import json
import os
from pathlib import Path


def create():
    stored = json.loads(Path(os.environ["BENCHMARK_ANSWERS"]).read_text())
    answers = {
        target: (
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
            },
            {"type": "http.response.body", "body": base64.b64decode(body)},
        )
        for target, (status, headers, body) in stored.items()
    }

    async def app(scope, receive, send):
        if scope["type"] != "http":
            return
        query = scope["query_string"]
        start, body = answers[f"{scope['path']}?{query.decode()}" if query else scope["path"]]
        await send(start)
        await send(body)

    return app
