"""A package that was built without the viewers of the API document says so, and serves the document all the same."""

import shutil
from pathlib import Path
from typing import Any

from librephotos.page.documents import NOT_BUILT
from tests.instance import REPOSITORY, Instance


def test_without_the_viewers_their_pages_are_a_404_that_tells_what_to_do(tmp_path: Path, new_database: Any):
    left_out = shutil.ignore_patterns("dist", "documents", "exiftool")
    shutil.copytree(REPOSITORY / "librephotos", tmp_path / "package" / "librephotos", ignore=left_out)
    data = tmp_path / "data"
    data.mkdir()
    environment = {
        "LIBREPHOTOS_DEBUG": "true",
        "PYTHONPATH": str(tmp_path / "package"),
        "PYTHONSAFEPATH": "1",  # otherwise the checkout's own package comes first
    }
    one = Instance(data, tmp_path / "library", new_database(data), environment)
    try:
        with one.start().client() as client:
            for path in ("/api/swagger", "/api/redoc", "/api/documents/swagger-ui.css"):
                answer = client.get(path)
                assert answer.status_code == 404, path
                assert answer.json() == {"errors": [{"field": "detail", "message": NOT_BUILT}]}
            assert client.get("/api/schema").status_code == 200
            front = client.get("/")
            assert (front.status_code, one.base_url in front.text) == (200, True)
            assert client.get("/assets/icon.svg").status_code == 404
            one.add_user(is_admin=True)
            assert "/api/swagger" not in client.get("/").text
    finally:
        one.stop()
