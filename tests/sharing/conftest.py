"""Rows to look at."""

import pytest

from tests.builders import Builder
from tests.instance import Instance


@pytest.fixture
def builder(instance: Instance) -> Builder:
    return Builder(instance)
