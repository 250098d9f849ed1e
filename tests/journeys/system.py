"""A running system, as its customers and its product team meet it: over HTTP."""

import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg
import httpx2
import pytest

from local.stack import Stack
from tests.support.eventually import eventually

CONTEXTS = ("product", "rental", "delivery", "information")
COPIES_OF_PRODUCTS = ("product", "rental", "delivery")
MOST_AT_ONCE = 100
PATIENCE_SECONDS = 30.0


@asynccontextmanager
async def reach(stack: Stack) -> AsyncIterator["System"]:
    """Connect to a running stack."""
    limits = httpx2.Limits(max_connections=MOST_AT_ONCE, keepalive_expiry=3)
    async with AsyncExitStack() as opened:
        client = httpx2.AsyncClient(limits=limits, timeout=PATIENCE_SECONDS, trust_env=False)
        http = await opened.enter_async_context(client)
        databases = {
            context: await opened.enter_async_context(
                asyncpg.create_pool(stack.database_url(context), min_size=1, max_size=2)
            )
            for context in CONTEXTS
        }
        yield System(stack, http, databases)


class System:
    """What the journeys do to a system, and what they see of it."""

    def __init__(self, stack: Stack, http: httpx2.AsyncClient, databases: dict[str, Any]) -> None:
        self.stack = stack
        self.http = http
        self._databases = databases

    async def get(self, service: str, path: str) -> httpx2.Response:
        return await self.http.get(self.stack.urls[service] + path)

    async def post(self, service: str, path: str, **body: Any) -> httpx2.Response:
        return await self.http.post(self.stack.urls[service] + path, json=body)

    async def register(self, qty: int, name: str = "computer") -> int:
        """Register a product and give its id."""
        answer = await self.post("product", "/products", name=name, qty=qty)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    async def adjust(self, product_id: int, delta: int, reason: str = "counted again") -> httpx2.Response:
        path = f"/products/{product_id}/stock-adjustments"
        return await self.post("product", path, delta=delta, reason=reason)

    async def order(self, product_id: int, qty: int = 1) -> int:
        """Order and give the rental's id: from here on the order may not be lost."""
        answer = await self.post("rental", "/rentals", productId=product_id, qty=qty)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    async def cancel(self, rental_id: int) -> httpx2.Response:
        """Cancel once, whatever the answer is."""
        return await self.http.delete(f"{self.stack.urls['rental']}/rentals/{rental_id}")

    async def cancel_until_it_stands(self, rental_id: int) -> None:
        """Cancel, and try again where the answer says so, as it may on a busy machine."""

        async def stands() -> None:
            answer = await self.cancel(rental_id)
            assert answer.status_code in {200, 503}, answer.text
            assert answer.status_code == 200, f"rental {rental_id}: {answer.text}"
            assert answer.json()["status"] == "CANCELED"

        await eventually(stands, 30)

    async def rental(self, rental_id: int) -> dict[str, Any]:
        return await self._found("rental", f"/rentals/{rental_id}")

    async def delivery(self, rental_id: int) -> dict[str, Any]:
        return await self._found("delivery", f"/deliveries/{rental_id}")

    async def my_order(self, rental_id: int) -> dict[str, Any]:
        return await self._found("information", f"/myOrders/{rental_id}")

    async def _found(self, service: str, path: str) -> dict[str, Any]:
        answer = await self.get(service, path)
        assert answer.status_code == 200, f"{service}{path}: {answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    async def statuses(self, rental_id: int) -> tuple[str, str, str]:
        """Say how rental, delivery and the view tell that an order stands."""
        rental, delivery, view = [
            await self._found(service, f"/{collection}/{rental_id}")
            for service, collection in (
                ("rental", "rentals"),
                ("delivery", "deliveries"),
                ("information", "myOrders"),
            )
        ]
        return rental["status"], delivery["status"], view["status"]

    async def becomes(self, status: str, *rental_ids: int, within: float = 20.0) -> None:
        """Wait until rental, delivery and the view agree that these orders stand so."""

        async def agree() -> None:
            for rental_id in rental_ids:
                seen = await self.statuses(rental_id)
                assert seen == (status,) * 3, f"order {rental_id} is {seen} in rental, delivery and the view"

        await eventually(agree, within)

    async def stock(self, product_id: int) -> dict[str, int]:
        """Give the units that can be rented now, as each context tells it."""
        return {
            service: (await self._found(service, f"/products/{product_id}"))["qty"]
            for service in COPIES_OF_PRODUCTS
        }

    async def stock_becomes(self, qty: int, product_id: int, within: float = 20.0) -> None:
        """Wait until every context tells the same stock."""

        async def agree() -> None:
            seen = await self.stock(product_id)
            assert seen == dict.fromkeys(COPIES_OF_PRODUCTS, qty), f"stock of product {product_id}: {seen}"

        await eventually(agree, within)

    async def rows(self, context: str, query: str, *arguments: Any) -> list[dict[str, Any]]:
        """Read a context's database, as that context."""
        return [dict(row) for row in await self._databases[context].fetch(query, *arguments)]

    @asynccontextmanager
    async def transaction(self, context: str) -> AsyncIterator[Any]:
        """Hold a transaction open in a context's database; what it did is undone at the end."""
        async with self._databases[context].acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                yield connection
            finally:
                await transaction.rollback()

    @asynccontextmanager
    async def without(self, service: str) -> AsyncIterator[None]:
        """Stop a service, and start it again at the end, whatever happens."""
        await self.stack.stop_service(service)
        try:
            yield
        finally:
            await self.stack.start_service(service)

    def must_run(self, name: str) -> None:
        """Skip a journey that is about a server which is not ours to hurt."""
        if name not in self.stack._supervised:
            pytest.skip(f"{name} runs in a container here, and cannot be hurt from outside")

    @asynccontextmanager
    async def hanging(self, service: str) -> AsyncIterator[None]:
        """Let a process hang: its port is open, and nobody answers."""
        self.must_run(service)
        self.stack.send_signal(service, signal.SIGSTOP)
        try:
            yield
        finally:
            self.stack.send_signal(service, signal.SIGCONT)

    @asynccontextmanager
    async def told(self, service: str, **environment: str) -> AsyncIterator[None]:
        """Run a service with other settings for a while."""
        await self.stack.stop_service(service)
        try:
            await self.stack.start_service(service, environment)
            yield
        finally:
            await self.stack.stop_service(service)
            await self.stack.start_service(service, {})
