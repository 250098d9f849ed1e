"""Work that goes on beside a test."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast

PAUSE_SECONDS = 0.02


@asynccontextmanager
async def going(job: Callable[[], Awaitable[None]]) -> AsyncIterator[list[BaseException]]:
    """Run a job for as long as the block lasts, and again after each of its exceptions, as a service does.

    Gives the list of those exceptions, which grows.
    """
    interruptions: list[BaseException] = []

    async def keep_going() -> None:
        me = cast("asyncio.Task[None]", asyncio.current_task())
        while True:
            try:
                await job()
            except (Exception, asyncio.CancelledError) as error:
                if me.cancelling():
                    raise
                interruptions.append(error)  # a CancelledError of aiokafka's, that nobody asked for, as well
            await asyncio.sleep(PAUSE_SECONDS)

    task = asyncio.create_task(keep_going())
    try:
        yield interruptions
    finally:
        await end(task)


async def end(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait until it has cleaned up."""
    while not task.done():
        task.cancel()  # again, for a wait that ends in that very moment swallows it (wait_for, 3.11)
        await asyncio.wait([task], timeout=5)
    if not task.cancelled():
        task.result()
