"""What a test needs of the machine: a person's may lack it, the one that decides whether a change lands may not."""

import os
from typing import NoReturn

import pytest


def lack(what: str) -> NoReturn:
    """Skip the test, or fail it where CI is set: there the set-up installs everything."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)
