"""Many customers in the same moment."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tests.journeys.quiet import comes_to_rest
from tests.journeys.system import System
from tests.journeys.topics import about

T = TypeVar("T")


async def at_once(most: int, times: int, work: Callable[[], Awaitable[T]]) -> list[T]:
    """Do the same work many times, `most` of them at the same time."""
    gate = asyncio.Semaphore(most)

    async def guarded() -> T:
        async with gate:
            return await work()

    return list(await asyncio.gather(*(guarded() for _ in range(times))))


async def statuses(system: System, rental_ids: list[int]) -> Counter[str]:
    rows = await system.rows("rental", "SELECT status FROM rentals WHERE id = ANY($1)", rental_ids)
    return Counter(row["status"] for row in rows)


async def test_a_product_can_be_ordered_in_the_moment_it_is_registered(system: System) -> None:
    async def register_then_order() -> int:
        return await system.order(await system.register(qty=2), qty=1)

    rentals = await at_once(20, 1_000, register_then_order)
    await comes_to_rest(system)
    assert await statuses(system, rentals) == {"DELIVERED": 1_000}


async def test_a_hundred_buyers_of_the_last_unit(system: System) -> None:
    product = await system.register(qty=1)
    seen: list[int] = []
    deciding = asyncio.Event()

    async def look_at_the_stock() -> None:
        while not deciding.is_set():
            seen.extend((await system.stock(product)).values())

    await system.stock_becomes(1, product)
    looking = asyncio.create_task(look_at_the_stock())
    rentals = await at_once(100, 100, lambda: system.order(product))
    await comes_to_rest(system)
    deciding.set()
    await looking
    assert await statuses(system, rentals) == {"DELIVERED": 1, "CANCELED_OutOfStock": 99}
    await system.stock_becomes(0, product)
    assert set(seen) <= {0, 1}
    changes = await about(system.stack.bootstrap, f"stocks/{product}")
    assert [change.payload["available"] for change in changes] == [1, 0]


async def test_customers_who_cancel_in_the_moment_they_order(system: System) -> None:
    product = await system.register(qty=1_000)
    await system.stock_becomes(1_000, product)

    async def order_then_cancel() -> int:
        rental = await system.order(product, qty=3)
        await system.cancel_until_it_stands(rental)
        return rental

    rentals = await at_once(20, 300, order_then_cancel)
    await comes_to_rest(system)
    assert await statuses(system, rentals) == {"CANCELED": 300}
    await system.stock_becomes(1_000, product)
