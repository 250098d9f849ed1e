"""Work that goes on beside a test."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

PAUSE_SECONDS = 0.02


@asynccontextmanager
async def going(job: Callable[[], Awaitable[None]]) -> AsyncIterator[list[Exception]]:
    """Run a job for as long as the block lasts, and again after each of its exceptions, as a service does.

    Gives the list of those exceptions, which grows.
    """
    interruptions: list[Exception] = []

    async def keep_going() -> None:
        while True:
            try:
                await job()
            except Exception as error:  # noqa: BLE001
                interruptions.append(error)
            await asyncio.sleep(PAUSE_SECONDS)

    task = asyncio.create_task(keep_going())
    try:
        yield interruptions
    finally:
        await end(task)


async def end(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait until it has cleaned up."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
