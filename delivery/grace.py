"""The end of the grace that an order of an unknown product is given.

Product and rental announce in different topics, so an order can overtake its product. "Unknown" is said
only when the grace is over and everything that product had announced by then has been read.
"""

import asyncio
from datetime import UTC, datetime

from chassis.service import Runtime
from delivery import commands, store
from shared_events.topics import PRODUCT_EVENTS

ROUND_SECONDS = 0.25
MOST_PER_ROUND = 500
PATIENCE_SECONDS = 20.0  # with the broker; then everything is looked at anew


async def end_grace(here: Runtime) -> None:
    """Look for ever at the orders that have waited long enough."""
    while True:
        overdue = await store.find_overdue(here.database.pool, datetime.now(UTC), MOST_PER_ROUND)
        if overdue:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await _all_was_read(here)
            await commands.decide_held(here.database, overdue)
        await asyncio.sleep(ROUND_SECONDS)


async def _all_was_read(here: Runtime) -> None:
    """Wait until what product had announced by now has been read; what comes later is too late anyway."""
    ends = await here.consumer.ends(PRODUCT_EVENTS)
    while not await here.consumer.has_read(ends):
        await asyncio.sleep(ROUND_SECONDS)
        ends = ends or await here.consumer.ends(PRODUCT_EVENTS)
