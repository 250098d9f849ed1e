"""Orders that come before their product wait for it, durably, and each is decided exactly once."""

import asyncio
from datetime import UTC, datetime, timedelta

from chassis.database import Database
from delivery import commands, store
from delivery.domain.delivery import Status
from shared_events.delivery import (
    Delivered,
    DeliveryCanceled,
    OutOfStockRentalCanceled,
    StockChanged,
    UnregisteredProductRentalCanceled,
)
from tests.delivery.deciding import adjusted, delivery, ordered, registered, stock
from tests.support.databases import announced, rows
from tests.support.messages import Listener

LATER = timedelta(seconds=3)
"""Longer than the grace."""


async def overdue(database: Database, after: timedelta = timedelta()) -> list[int]:
    """Find what has waited long enough, `after` from now."""
    return await store.find_overdue(database.pool, datetime.now(UTC) + after, 100)


async def test_an_order_of_an_unknown_product_waits_and_says_nothing(
    database: Database, listener: Listener
) -> None:
    await listener.hears(ordered())
    assert (await delivery(database)).status is Status.WAITING
    assert await announced(database) == []
    assert await overdue(database) == []
    assert await overdue(database, LATER) == [1]


async def test_a_product_that_comes_decides_the_orders_that_wait_for_it_in_their_order(
    database: Database, listener: Listener
) -> None:
    await listener.hears(ordered(2, qty=6), ordered(1, qty=3), ordered(3, qty=3), ordered(4, product_id=6))
    await listener.hears(registered(9))
    assert await announced(database) == [
        Delivered(delivery_id=1, rental_id=1, product_id=5, qty=3),
        Delivered(delivery_id=2, rental_id=2, product_id=5, qty=6),
        OutOfStockRentalCanceled(rental_id=3, product_id=5, qty=3, available=0),
        StockChanged(product_id=5, total=9, out=9, available=0),
    ]
    assert (await delivery(database, 4)).status is Status.WAITING


async def test_a_product_that_comes_with_its_adjustments_is_judged_after_them(
    database: Database, listener: Listener
) -> None:
    await listener.hears(ordered(qty=3))
    await listener.hears_together(registered(9), adjusted(-7, 2))
    assert (await delivery(database)).status is Status.CANCELED_OUT_OF_STOCK


async def test_an_order_whose_product_does_not_come_is_unregistered(
    database: Database, listener: Listener
) -> None:
    await listener.hears(ordered())
    await commands.decide_held(database, await overdue(database, LATER))
    assert await announced(database) == [UnregisteredProductRentalCanceled(rental_id=1, product_id=5, qty=3)]
    assert await overdue(database, LATER) == []
    await listener.hears(registered())
    assert (await delivery(database)).status is Status.CANCELED_UNREGISTERED_PRODUCT
    assert (await stock(database)).out == 0


async def test_an_order_of_a_product_that_rental_knows_waits_without_end(
    database: Database, listener: Listener
) -> None:
    await listener.hears(ordered(known=True))
    assert await overdue(database, timedelta(days=365)) == []
    await commands.decide_held(database, [1])
    assert (await delivery(database)).status is Status.WAITING
    await listener.hears(registered())
    assert (await delivery(database)).status is Status.DELIVERED


async def test_an_order_whose_product_came_while_it_was_put_to_wait_is_found_and_delivered(
    database: Database, listener: Listener
) -> None:
    await listener.hears(ordered(known=True), registered())
    # What a transaction leaves that began before the product's and committed after it:
    await database.pool.execute("UPDATE deliveries SET status = 'WAITING'")
    await database.pool.execute("UPDATE stocks SET out = 0")
    assert await overdue(database) == [1]
    await commands.decide_held(database, [1])
    assert (await delivery(database)).status is Status.DELIVERED


async def test_order_and_product_at_the_same_time_never_leave_an_order_behind(
    database: Database, listener: Listener
) -> None:
    for number in range(1, 16):
        await asyncio.gather(
            listener.hears(ordered(number, 3, number)), listener.hears(registered(9, number))
        )
    await commands.decide_held(database, await overdue(database))
    assert {row["status"] for row in await rows(database, "deliveries")} == {"DELIVERED"}
    assert {row["out"] for row in await rows(database, "stocks")} == {3}


async def test_a_waiting_order_can_be_cancelled_and_is_then_never_delivered(
    database: Database, listener: Listener
) -> None:
    await listener.hears(ordered())
    await commands.cancel(database, 1)
    await listener.hears(registered())
    await commands.decide_held(database, [1])
    assert await announced(database) == [
        DeliveryCanceled(delivery_id=1, rental_id=1, product_id=5, qty=0),
        StockChanged(product_id=5, total=9, out=0, available=9),
    ]


async def test_two_that_end_the_grace_at_the_same_time_refuse_once(
    database: Database, listener: Listener
) -> None:
    await listener.hears(ordered())
    await asyncio.gather(*(commands.decide_held(database, [1]) for _ in range(6)))
    assert len(await announced(database)) == 1
