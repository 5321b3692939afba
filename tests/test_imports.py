"""What each process loads: every library that it does not need is time at the start and memory for good."""

import json
import subprocess
import sys

import pytest

from tests.instance import REPOSITORY

_PRINT = "import json, sys; print(json.dumps(sorted(sys.modules)))"
# Job engine, schema steps, pixels, zones and weights: the worker's alone.
WORKERS_OWN = {"dbos", "alembic", "pyvips", "PIL", "numpy", "tzfpy", "librephotos.library.jobs"}
POSTGRESQL = {"psycopg"}
WORKER = "import librephotos.kit.logs, librephotos.jobs.worker, librephotos.pipeline"
API = "from librephotos.http import serving; serving.preload('librephotos.app:create')"
ANSWERING = f"""{API}
import os, tempfile
from librephotos.app import create
with tempfile.TemporaryDirectory() as folder:
    os.environ["LIBREPHOTOS_DATA"] = folder
    create()
"""


def loaded_by(code: str) -> set[str]:
    command = [sys.executable, "-c", f"{code}\n{_PRINT}"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, timeout=60, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        # Before a command is known: its help comes at once.
        (
            "import librephotos.cli",
            {"rich", "structlog", "pydantic", "sqlalchemy", "litestar", "librephotos.settings"},
        ),
        # What `serve` imports before it starts the API.
        (
            "import librephotos.cli, librephotos.cli.serve",
            {"rich", "structlog", "pydantic", "sqlalchemy", "litestar", "librephotos.settings"},
        ),
        # And afterwards, beside it, to see to a database in which there is nothing to do.
        (
            "import librephotos.kit.logs, librephotos.cli.server",
            {"rich", "litestar", "granian", "http.client", "librephotos.cli.scan", *WORKERS_OWN, *POSTGRESQL},
        ),
        (
            ANSWERING,
            {
                *("rich", "typer", "httpx", "librephotos.cli", "librephotos.pipeline"),
                # Seldom or never used, and loaded then.
                *("cryptography", "regex", "pydantic.v1"),
                *WORKERS_OWN,
                *POSTGRESQL,
            },
        ),
        # Pixels are read by the processes of its pool. What runs its jobs brings a driver for PostgreSQL anyway.
        (
            WORKER,
            {"litestar", "granian", "jwt", "rich", "typer", "alembic", "pyvips", "numpy", "tzfpy", "av"},
        ),
    ],
    ids=["the command line", "the start", "the server's parent", "the API", "the worker"],
)
def test_a_process_loads_only_what_it_needs(code: str, unwanted: set[str]):
    assert loaded_by(code) & unwanted == set()


def test_the_application_is_loaded_before_the_processes_that_answer_are_made():
    assert {"librephotos.app", "litestar", "sqlalchemy"} <= loaded_by(API)
