"""What a test needs of the machine: a person's may lack it, the one that decides whether a change lands may not."""

import os
from typing import NoReturn

import pytest

IN_CI = bool(os.environ.get("CI"))


def lack(what: str) -> NoReturn:
    """Skip the test, or fail it where CI is set: there the set-up installs everything."""
    if IN_CI:
        pytest.fail(what)
    pytest.skip(what)
