"""Counts the orders that stand DELIVERED in the view, in information's own database.

Asking the database and not the service keeps the measurement off the measured HTTP path, and counting from
the first order of the run keeps the query small however many orders came before.
"""

import asyncio
import time

import asyncpg

NEWEST = "SELECT coalesce(max(rental_id), 0) FROM my_orders"
DELIVERED = "SELECT count(*) FROM my_orders WHERE rental_id > $1 AND status = 'DELIVERED'"
POLL_SECONDS = 0.1
STUCK_SECONDS = 60


class Settled:
    def __init__(self, view: asyncpg.Connection, newest: int) -> None:
        self.view, self.newest, self.count = view, newest, 0

    @classmethod
    async def from_now(cls, view: asyncpg.Connection) -> "Settled":
        return cls(view, await view.fetchval(NEWEST))

    async def refresh(self) -> int:
        self.count = await self.view.fetchval(DELIVERED, self.newest)
        return self.count

    async def all_settled(self, orders: int) -> None:
        moved = time.monotonic()
        while (before := self.count) < orders:
            if await self.refresh() > before:
                moved = time.monotonic()
            elif time.monotonic() - moved > STUCK_SECONDS:
                raise RuntimeError(
                    f"{self.count} of {orders} orders are DELIVERED and no more come; see the logs"
                )
            await asyncio.sleep(POLL_SECONDS)
