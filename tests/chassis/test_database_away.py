"""A database that is away costs a caller a moment, and is told as what it is."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx2
import pytest

from chassis.database import Database
from tests.conftest import Emptied
from tests.support.databases import CONTEXTS, rows
from tests.support.eventually import eventually
from tests.support.problems import refusal
from tests.support.proxy import Wire, wire_to
from tests.support.running import running

AWAY = (503, "unavailable")
COLLECTION = {
    "product": "/products",
    "rental": "/rentals",
    "delivery": "/deliveries",
    "information": "/myOrders",
}
WRITES: dict[str, dict[str, Any]] = {
    "product": {"name": "computer"},
    "rental": {"productId": 1, "qty": 1},
}


@dataclass(frozen=True)
class Cuttable:
    """A service whose wire to its database can be cut."""

    context: str
    http: httpx2.AsyncClient
    wire: Wire
    database: Database

    async def answers(self) -> None:
        """See that it serves requests."""
        ready = await self.http.get("/health/ready")
        assert ready.status_code == 200, ready.text
        found = await self.http.get(COLLECTION[self.context])
        assert found.status_code == 200, found.text


@pytest.fixture(params=CONTEXTS)
async def service(
    request: pytest.FixtureRequest, database_urls: dict[str, str], emptied: Emptied
) -> AsyncIterator[Cuttable]:
    """Run each of the services."""
    context: str = request.param
    database = await emptied(context)
    async with wire_to(database_urls[context]) as (wire, url), running(context, url) as found:
        yield Cuttable(context, found.http, wire, database)


async def test_a_service_without_its_database_says_so_and_goes_on_when_it_is_back(service: Cuttable) -> None:
    await service.answers()
    await service.wire.cut()
    path = COLLECTION[service.context]
    for asked in (path, f"{path}/1", "/health/ready"):
        answer = await service.http.get(asked)
        assert refusal(answer) == AWAY
        assert int(answer.headers["retry-after"]) >= 1
    if body := WRITES.get(service.context):
        assert refusal(await service.http.post(path, json=body)) == AWAY
    assert (await service.http.get("/health/live")).status_code == 200
    health = await service.http.get("/health")
    dependencies = health.json()["dependencies"]
    assert (health.status_code, dependencies["database"], dependencies["kafka"]) == (503, "down", "down")

    await service.wire.mend()
    await eventually(service.answers)
    if service.context in WRITES:
        assert await rows(service.database, path.removeprefix("/")) == []
        assert (await service.http.post(path, json=WRITES[service.context])).status_code == 201


async def test_a_service_that_starts_before_its_database_waits_for_it(
    database_urls: dict[str, str], emptied: Emptied
) -> None:
    await emptied("rental")
    async with wire_to(database_urls["rental"]) as (wire, url):
        await wire.cut()
        mending = asyncio.get_running_loop().call_later(0.3, lambda: asyncio.ensure_future(wire.mend()))
        async with running("rental", url) as rental:
            assert (await rental.http.get("/health/ready")).status_code == 200
        assert mending.when() < asyncio.get_running_loop().time()


async def test_a_database_that_refuses_more_connections_is_away(
    database_urls: dict[str, str], databases: dict[str, Database], emptied: Emptied, admin_url: str
) -> None:
    await emptied("product")
    administrator = await asyncpg.connect(admin_url)
    try:
        async with running("product", database_urls["product"]) as product:
            await administrator.execute("ALTER ROLE product CONNECTION LIMIT 0")
            await administrator.execute(
                """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE usename = 'product' AND application_name LIKE 'product%'"""
            )
            assert refusal(await product.http.get("/products")) == AWAY
            await administrator.execute("ALTER ROLE product CONNECTION LIMIT -1")

            async def back() -> None:
                assert (await product.http.get("/products")).status_code == 200

            await eventually(back)
    finally:
        await administrator.execute("ALTER ROLE product CONNECTION LIMIT -1")
        await administrator.close()
