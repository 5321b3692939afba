"""The collector of cyclic garbage, kept from looking where there is none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Import libraries inside: almost all that they make stays, and looking through it costs a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
