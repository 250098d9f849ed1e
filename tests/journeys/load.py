"""Customers who order many things at once, and note down what was acknowledged."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx2

from tests.journeys.system import System
from tests.support.eventually import eventually

AT_ONCE = 20


class Customers:
    """A number of orders, each of one unit, spread evenly over products."""

    def __init__(self, system: System, products: Sequence[int], orders: int) -> None:
        self._system = system
        self._wishes = [products[number % len(products)] for number in range(orders)]
        self.acknowledged: list[int] = []
        self.unanswered = 0

    async def order_all(self) -> None:
        """Order until every wish was acknowledged, or its answer was lost."""
        await asyncio.gather(*(self._order_some() for _ in range(AT_ONCE)))

    async def _order_some(self) -> None:
        while self._wishes:
            product = self._wishes.pop()
            try:
                answer = await self._system.post("rental", "/rentals", productId=product, qty=1)
            except httpx2.ConnectError:
                self._wishes.append(product)  # certainly not ordered: rental is not there
                await asyncio.sleep(0.05)
            except httpx2.TransportError:
                self.unanswered += 1  # may stand, or not
            else:
                assert answer.status_code == 201, answer.text
                self.acknowledged.append(answer.json()["id"])

    async def have(self, acknowledged: int) -> None:
        """Wait until so many orders were acknowledged."""

        async def so_many() -> None:
            assert len(self.acknowledged) >= acknowledged, f"{len(self.acknowledged)} orders acknowledged"

        await eventually(so_many, 30)


@asynccontextmanager
async def ordering(customers: Customers) -> AsyncIterator[None]:
    """Let them order while something else happens; at the end they have all ordered."""
    running = asyncio.create_task(customers.order_all())
    try:
        yield
        await running
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
