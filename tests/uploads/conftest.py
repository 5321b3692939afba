"""Libraries to upload into, with a worker that reads what comes, and without one."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.instance import Instance
from tests.library.scanning import Library, draw
from tests.uploads.sending import Sender

Draw = Callable[..., bytes]


@pytest.fixture
def library(working_instance: Instance) -> Library:
    return Library.make(working_instance)


@pytest.fixture
def sender(library: Library) -> Sender:
    return Sender(library.instance, library.owner)


@pytest.fixture
def idle(instance: Instance) -> Library:
    """A library on the shared installation without a worker."""
    return Library.make(instance)


@pytest.fixture
def idle_sender(idle: Library) -> Sender:
    return Sender(idle.instance, idle.owner)


@pytest.fixture
def picture(tmp_path: Path) -> Draw:
    """Return the bytes of a picture; pictures of different seeds differ."""

    def make(seed: int, taken: str = "2024:05:06 07:08:09", **options: object) -> bytes:
        path = tmp_path / f"{seed}.jpg"
        draw(path, seed, taken=taken, **options)
        return path.read_bytes()

    return make


def text_file() -> bytes:
    return io.BytesIO(b"#!/bin/sh\necho hello\n").getvalue()
