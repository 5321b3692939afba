"""Notes what credentials were used, now and then and never in the request's way."""

import asyncio
from collections.abc import Callable, Hashable
from typing import Concatenate, Final, ParamSpec

from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.errors import LibrePhotosError
from librephotos.kit import clock

P = ParamSpec("P")

REMEMBERED: Final = 10_000


class Uses:
    """At most one note in an `interval` (microseconds) for each key, by this process."""

    def __init__(self, db: Database, interval: int = clock.MINUTE) -> None:
        self.db = db
        self.interval = interval
        self._noted: dict[Hashable, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def is_due(self, key: Hashable, last: int = 0) -> bool:
        """Whether the interval has passed since `last` and since it was due before; then it counts as noted now."""
        now = clock.now()
        if now - max(last, self._noted.get(key, 0)) < self.interval:
            return False
        if len(self._noted) >= REMEMBERED:
            self._noted.clear()
        self._noted[key] = now
        return True

    def write(
        self, key: Hashable, query: Callable[Concatenate[Tx, P], None], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Run `query` in the background. A busy database loses a time of use, nothing else, and it is due again."""

        async def run() -> None:
            try:
                await self.db.write(query, *args, **kwargs)
            except LibrePhotosError:
                self._noted.pop(key, None)

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
