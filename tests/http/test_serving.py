"""How many connections a process takes on, by the descriptors that it may have."""

import subprocess
import sys

import pytest

ASK = """
import resource
from librephotos.http.serving import allowed_connections
# Only now: the server's library raises them itself when it is imported.
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
print(allowed_connections(), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("soft", "hard", "expected"),
    [
        (256, 1024, "384 1024 1024"),
        (1024, 4096, "1920 4096 4096"),
        (1024, 16384, "4096 8448 16384"),
        (16384, 16384, "4096 16384 16384"),
    ],
)
def test_there_is_a_descriptor_for_every_connection_and_what_it_is_sent(soft: int, hard: int, expected: str):
    result = subprocess.run(
        [sys.executable, "-c", ASK.format(soft=soft, hard=hard)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.stdout.strip() == expected, result.stderr
