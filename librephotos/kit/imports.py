"""Keeps out of a process what its libraries load when they find it, and what it never uses."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def absent(*names: str) -> Iterator[None]:
    """Let imports of libraries fail inside that are not imported yet; afterwards they can be imported as ever."""
    with ExitStack() as stack:
        for name in names:
            if name not in sys.modules:
                sys.modules[name] = None  # type: ignore[assignment]
                stack.callback(sys.modules.pop, name)
        yield
