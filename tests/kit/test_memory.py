"""What was freed goes back to the system, although something that is still needed lies behind it."""

import subprocess
import sys

import pytest

# Blocks as large as a page of a list: most are dropped, some that lie between them stay.
FREED = """
from librephotos.kit.memory import give_back_memory, keep_little_memory, resident_bytes

keep_little_memory()
blocks = [bytes([1]) * 200_000 for _ in range(400)]
full = resident_bytes()
kept = blocks[::20] + blocks[-1:]
del blocks
give_back_memory()
print(full - resident_bytes(), len(kept))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what is set is the C library of Linux")
def test_memory_between_what_is_kept_goes_back():
    done = subprocess.run(
        [sys.executable, "-c", FREED], capture_output=True, text=True, check=True, timeout=60
    )
    given_back, kept = map(int, done.stdout.split())
    assert given_back > (400 - kept - 20) * 200_000
