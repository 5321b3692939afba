"""The API's document, made from the routes without a database, a key or a data folder."""

import tempfile

from librephotos.accounts.server import Server
from librephotos.app import Application
from librephotos.db.database import Database
from librephotos.http.openapi import build_document
from librephotos.kit import json
from librephotos.settings import Settings


def document() -> str:
    """Return the OpenAPI document as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/unused.sqlite"
        server = Server(Settings(database_url=url), Database(url), "unused" * 8)
        try:
            return json.dumps(build_document(Application(server).framework))
        finally:
            server.close()
