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


async def end_grace(here: Runtime) -> None:
    """Look for ever at the orders that have waited long enough."""
    while True:
        overdue = await store.find_overdue(here.database.pool, datetime.now(UTC), MOST_PER_ROUND)
        if overdue and await here.consumer.has_read_all(PRODUCT_EVENTS):
            await commands.decide_held(here.database, overdue)
        else:
            await asyncio.sleep(ROUND_SECONDS)
