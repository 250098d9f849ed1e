"""Rental and delivery, both real, and the wire between them that can be cut."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx2

import delivery.consumers
import rental.consumers
from chassis.database import Database
from shared_events.event import Event
from shared_events.product import ProductSaved
from shared_events.rental import RentalCanceled, RentalOrdered
from tests.support.databases import announced
from tests.support.eventually import eventually
from tests.support.messages import Listener, told
from tests.support.proxy import Wire, wire_to
from tests.support.running import running

NOT_NOW = (503, "cancel-not-possible-now")
PENDING = (503, "cancel-pending")


@dataclass(frozen=True)
class Both:
    """Rental and delivery, and the wire between them."""

    rental: httpx2.AsyncClient
    delivery: httpx2.AsyncClient
    wire: Wire
    rentals: Database
    deliveries: Database

    async def order(self, product_id: int = 5, qty: int = 3) -> int:
        """Order, and let delivery decide; rental has not heard of its decision yet."""
        answer = await self.rental.post("/rentals", json={"productId": product_id, "qty": qty})
        rental_id: int = answer.json()["id"]
        await self.delivery_hears(rental_id, product_id, qty)
        return rental_id

    async def delivery_hears(self, rental_id: int, product_id: int, qty: int) -> None:
        order = RentalOrdered(
            rental_id=rental_id, product_id=product_id, product_name=None, qty=qty, product_known=True
        )
        product = ProductSaved(product_id=product_id, name="computer", qty=9)
        listener = Listener(self.deliveries, "delivery", delivery.consumers.SUBSCRIPTIONS)
        await listener.hears(told(product), told(order))

    async def rental_hears(self, fact: Event) -> None:
        """Let rental hear of what delivery announced."""
        await Listener(self.rentals, "rental", rental.consumers.SUBSCRIPTIONS).hears(told(fact))

    async def status(self, rental_id: int = 1) -> tuple[str, str | None]:
        """Tell how rental and delivery say that an order stands."""
        rental = (await self.rental.get(f"/rentals/{rental_id}")).json()
        delivery = await self.delivery.get(f"/deliveries/{rental_id}")
        return rental["status"], delivery.json().get("status") if delivery.status_code == 200 else None

    async def becomes(self, rental: str, delivery: str | None) -> None:
        """Wait until they say so."""

        async def so() -> None:
            assert await self.status() == (rental, delivery)

        await eventually(so)

    async def cancels_announced(self) -> int:
        """Count how often rental told the world."""
        return sum(isinstance(event, RentalCanceled) for event in await announced(self.rentals))


@asynccontextmanager
async def both_running(
    databases: dict[str, Database], urls: dict[str, str], **environment: str
) -> AsyncIterator[Both]:
    """Run both, rental with a little patience only."""
    async with AsyncExitStack() as stack:
        delivery = await stack.enter_async_context(running("delivery", urls["delivery"]))
        wire, delivery_url = await stack.enter_async_context(wire_to(delivery.url))
        patience = {"OA_CANCEL_TIMEOUT_MS": "250", "OA_RECONCILE_SECONDS": "0.8"}
        breaker = {"OA_BREAKER_RESET_SECONDS": "1"}
        rental = await stack.enter_async_context(
            running(
                "rental", urls["rental"], OA_DELIVERY_URL=delivery_url, **patience, **breaker, **environment
            )
        )
        yield Both(rental.http, delivery.http, wire, databases["rental"], databases["delivery"])
