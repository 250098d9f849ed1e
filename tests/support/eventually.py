"""Waiting for what happens a moment later, without guessing how long the moment is."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

STEP_SECONDS = 0.02


async def eventually(assertion: Callable[[], Awaitable[T]], within: float = 15.0) -> T:
    """Give what `assertion` returns once it holds; when it does not in time, say what it last saw."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while True:
        try:
            return await assertion()
        except AssertionError as error:
            if loop.time() > deadline:
                raise AssertionError(f"still not so after {within:g} s; last seen: {error}") from error
        await asyncio.sleep(STEP_SECONDS)
