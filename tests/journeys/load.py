"""Customers who order many things at once, and note down what was acknowledged."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx2

from tests.journeys.quiet import comes_to_rest
from tests.journeys.system import System
from tests.journeys.topics import read_all
from tests.support.eventually import eventually

AT_ONCE = 20
PAUSE_SECONDS = 0.05
PATIENCE_SECONDS = 60.0
STOCK = 100


class Customers:
    """A number of orders, each of one unit, spread evenly over products."""

    def __init__(self, system: System, products: Sequence[int], orders: int) -> None:
        self._system = system
        self._wishes = [products[number % len(products)] for number in range(orders)]
        self.acknowledged: list[int] = []
        self.in_vain = 0

    async def order_all(self) -> None:
        """Order until every wish was acknowledged."""
        await asyncio.gather(*(self._order_some() for _ in range(AT_ONCE)))

    async def _order_some(self) -> None:
        while self._wishes:
            product = self._wishes.pop()
            try:
                answer = await self._system.post("rental", "/rentals", productId=product, qty=1)
            except httpx2.TransportError:
                answer = None
            if answer is not None and answer.status_code == 201:
                self.acknowledged.append(answer.json()["id"])
                continue
            assert answer is None or answer.status_code == 503, answer.text
            self.in_vain += 1  # whether it stands or not, it was not acknowledged: she tries again
            self._wishes.append(product)
            await asyncio.sleep(PAUSE_SECONDS)

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
        await asyncio.wait({running}, timeout=PATIENCE_SECONDS)
        assert running.done(), (
            f"only {len(customers.acknowledged)} orders were acknowledged, {customers.in_vain} tried in vain"
        )
        await running
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def three_products(system: System) -> list[int]:
    """Register products with fewer units than the customers want, so that both ends of an order occur."""
    products = [await system.register(STOCK) for _ in range(3)]
    for product in products:
        await system.stock_becomes(STOCK, product)
    return products


async def decided_once(system: System, rentals: list[int], products: list[int]) -> None:
    """Every one of these orders was decided, once, and the stock is exactly what is left of it."""
    await comes_to_rest(system, within=60)
    found = await system.rows("rental", "SELECT id, status FROM rentals WHERE id = ANY($1)", rentals)
    assert sorted(row["id"] for row in found) == sorted(rentals), (
        "an acknowledged order is gone, or there twice"
    )
    assert {row["status"] for row in found} == {"DELIVERED", "CANCELED_OutOfStock"}

    decisions: dict[str, set[str]] = {}
    for record in await read_all(system.stack.bootstrap):
        if record.envelope.subject.startswith("deliveries/"):
            decisions.setdefault(record.envelope.subject, set()).add(str(record.envelope.id))
    undecided = [number for number in rentals if len(decisions.get(f"deliveries/{number}", ())) != 1]
    assert undecided == [], "these orders were not announced as decided exactly once"
    for product in products:
        await system.stock_becomes(0, product)
        stock = (await system.get("delivery", f"/products/{product}")).json()
        assert (stock["total"], stock["out"]) == (STOCK, STOCK)
