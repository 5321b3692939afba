"""Lists that are kept in memory are made once, however many ask for them at the same moment."""

import asyncio

import pytest

from librephotos.http.caching import ListCache

KEY = (1, "lists")


def test_all_who_ask_at_once_wait_for_the_same_bytes():
    async def ask() -> tuple[list[bytes], int]:
        cache, made = ListCache(), 0

        async def make() -> bytes:
            nonlocal made
            made += 1
            await asyncio.sleep(0.01)
            return b"body"

        return await asyncio.gather(*(cache.get(KEY, make) for _ in range(32))), made

    bodies, made = asyncio.run(ask())
    assert (set(bodies), made) == ({b"body"}, 1)


def test_what_is_too_large_to_be_kept_is_made_once_for_all_who_wait():
    async def ask() -> tuple[list[bytes], int, int]:
        cache, made = ListCache(limit_bytes=10), 0

        async def make() -> bytes:
            nonlocal made
            made += 1
            await asyncio.sleep(0.01)
            return bytes(100)

        return await asyncio.gather(*(cache.get(KEY, make) for _ in range(8))), made, len(cache)

    bodies, made, kept = asyncio.run(ask())
    assert (set(bodies), made, kept) == ({bytes(100)}, 1, 0)


def test_when_the_first_one_goes_away_or_fails_the_next_one_makes_it():
    async def ask() -> list[object]:
        cache, made = ListCache(), 0

        async def make() -> bytes:
            nonlocal made
            made += 1
            turn = made
            await asyncio.sleep(0.01)
            if turn == 2:
                raise LookupError
            return str(turn).encode()

        tasks = [asyncio.create_task(cache.get(KEY, make)) for _ in range(5)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        # One who only waits takes nothing from the others.
        tasks[4].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, second, third, fourth, fifth = asyncio.run(ask())
    assert isinstance(first, asyncio.CancelledError) and isinstance(fifth, asyncio.CancelledError)
    assert isinstance(second, LookupError)
    assert (third, fourth) == (b"3", b"3")


@pytest.mark.parametrize("limit", [0, 10_000])
def test_what_was_made_before_is_not_made_again_while_it_is_kept(limit: int):
    async def ask() -> int:
        cache, made = ListCache(limit_bytes=limit), 0

        async def make() -> bytes:
            nonlocal made
            made += 1
            return b"body"

        for _ in range(3):
            assert await cache.get(KEY, make) == b"body"
        return made

    assert asyncio.run(ask()) == (1 if limit else 3)
