"""What tests of stacks and duplicates share."""

import pytest

from tests.builders import Builder
from tests.instance import Instance


@pytest.fixture
def builder(instance: Instance) -> Builder:
    return Builder(instance)
