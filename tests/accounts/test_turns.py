"""Whose password is verified next: few at once, a bounded line, known devices first."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from librephotos.accounts.turns import Turns
from librephotos.errors import TooManyRequests


class Crowd:
    """People at the turns; `done` are those who had theirs, in order, `refused` those sent away."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self.turns = Turns(at_once, waiting)
        self.door = asyncio.Event()
        self.done: list[str] = []
        self.refused: list[str] = []
        self.inside = self.most = 0

    async def come(self, name: str, *, is_known: bool = False) -> None:
        try:
            async with self.turns.turn(is_known=is_known):
                self.inside += 1
                self.most = max(self.most, self.inside)
                await self.door.wait()
                self.inside -= 1
                self.done.append(name)
        except TooManyRequests as error:
            assert error.headers["Retry-After"] == "5"
            self.refused.append(name)


def run(scene: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scene())


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_few_are_inside_at_once_and_the_line_keeps_its_order():
    async def scene() -> None:
        crowd = Crowd(2, 10)
        tasks = [asyncio.create_task(crowd.come(str(number))) for number in range(9)]
        await settle()
        crowd.door.set()
        await asyncio.gather(*tasks)
        assert crowd.most == 2
        assert crowd.done == [str(number) for number in range(9)]
        assert crowd.refused == []

    run(scene)


def test_a_known_device_goes_before_strangers_and_takes_the_last_ones_place():
    async def scene() -> None:
        crowd = Crowd(1, 3)
        tasks = [asyncio.create_task(crowd.come(name)) for name in ("inside", "a", "b", "c", "too many")]
        await settle()
        assert crowd.refused == ["too many"]
        tasks += [asyncio.create_task(crowd.come(name, is_known=True)) for name in ("ours", "ours too")]
        await settle()
        assert crowd.refused == ["too many", "c", "b"]
        crowd.door.set()
        await asyncio.gather(*tasks)
        assert crowd.done == ["inside", "ours", "ours too", "a"]

    run(scene)


def test_a_line_full_of_known_devices_refuses_known_devices():
    async def scene() -> None:
        crowd = Crowd(1, 2)
        tasks = [asyncio.create_task(crowd.come(str(number), is_known=True)) for number in range(4)]
        await settle()
        assert crowd.refused == ["3"]
        crowd.door.set()
        await asyncio.gather(*tasks)

    run(scene)


def test_who_leaves_the_line_takes_no_turn_with_him():
    async def scene() -> None:
        crowd = Crowd(1, 10)
        inside = asyncio.create_task(crowd.come("inside"))
        await settle()
        leaving = [asyncio.create_task(crowd.come(f"leaves {number}")) for number in range(3)]
        await settle()
        leaving[0].cancel()
        crowd.door.set()
        # The second one's turn comes in the very moment in which it goes.
        await inside
        leaving[1].cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
        await crowd.come("last")
        assert crowd.done[0] == "inside"
        assert crowd.done[-1] == "last"
        assert crowd.inside == 0

    run(scene)


def test_a_failure_inside_passes_the_turn_on():
    async def scene() -> None:
        turns = Turns(1, 1)
        with pytest.raises(RuntimeError):
            async with turns.turn(is_known=False):
                raise RuntimeError
        async with turns.turn(is_known=False):
            pass

    run(scene)
