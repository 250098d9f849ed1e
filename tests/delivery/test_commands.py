"""The delivery context's commands on its real database: order and stock change together or not at all."""

import asyncio

import pytest
from asyncpg import CheckViolationError

from chassis.database import Database, StaleVersionError
from delivery import commands, store
from delivery.domain.delivery import NothingToCancelError, Status
from shared_events.delivery import (
    Delivered,
    DeliveryCanceled,
    OutOfStockRentalCanceled,
    StockChanged,
)
from tests.delivery.deciding import adjusted, delivery, ordered, registered, stock
from tests.support.databases import (
    allow_announcements,
    announced,
    content,
    refuse_announcements,
    rows,
    versions_announced,
)
from tests.support.messages import Listener, record


async def test_an_order_is_delivered_and_the_stock_says_so(database: Database, listener: Listener) -> None:
    await listener.hears(registered(), ordered())
    assert await announced(database) == [
        StockChanged(product_id=5, total=9, out=0, available=9),
        Delivered(delivery_id=1, rental_id=1, product_id=5, qty=3),
        StockChanged(product_id=5, total=9, out=3, available=6),
    ]
    assert await versions_announced(database, "deliveries/1") == [1]
    assert await versions_announced(database, "stocks/5") == [1, 2]


async def test_an_order_of_more_than_there_is_changes_no_stock(
    database: Database, listener: Listener
) -> None:
    await listener.hears(registered(), ordered(qty=10))
    assert (await announced(database))[1:] == [
        OutOfStockRentalCanceled(rental_id=1, product_id=5, qty=10, available=9)
    ]
    assert (await delivery(database)).status is Status.CANCELED_OUT_OF_STOCK
    assert (await stock(database)).out == 0


async def test_of_twenty_orders_in_a_batch_as_many_are_delivered_as_there_are_units(
    database: Database, listener: Listener
) -> None:
    await listener.hears(registered(10))
    await listener.hears_together(*(ordered(rental_id, qty=1) for rental_id in range(1, 21)))
    statuses = [row["status"] for row in await rows(database, "deliveries")]
    assert statuses == ["DELIVERED"] * 10 + ["CANCELED_OutOfStock"] * 10
    assert (await stock(database)).available == 0


async def test_of_orders_at_the_same_time_as_many_are_delivered_as_there_are_units(
    database: Database, listener: Listener
) -> None:
    await listener.hears(registered(5))
    await asyncio.gather(*(listener.hears(ordered(rental_id, qty=1)) for rental_id in range(1, 13)))
    statuses = sorted(row["status"] for row in await rows(database, "deliveries"))
    assert statuses == ["CANCELED_OutOfStock"] * 7 + ["DELIVERED"] * 5
    assert (await stock(database)).available == 0


async def test_an_order_that_comes_again_changes_nothing_even_when_the_inbox_forgot(
    database: Database, listener: Listener
) -> None:
    await listener.hears(registered(), ordered())
    before = await content(database)
    await listener.forgets()
    await listener.hears(ordered(), registered())
    assert {**await content(database), "inbox": None} == {**before, "inbox": None}


async def test_cancelling_gives_the_stock_back(database: Database, listener: Listener) -> None:
    await listener.hears(registered(), ordered())
    canceled = await commands.cancel(database, 1)
    assert (canceled.status, canceled.product_id, canceled.qty) == (Status.CANCELED, 5, 3)
    assert (await announced(database))[3:] == [
        DeliveryCanceled(delivery_id=1, rental_id=1, product_id=5, qty=3),
        StockChanged(product_id=5, total=9, out=0, available=9),
    ]
    assert await versions_announced(database, "deliveries/1") == [1, 2]


async def test_many_cancels_at_the_same_time_give_the_stock_back_once(
    database: Database, listener: Listener
) -> None:
    await listener.hears(registered(), ordered(1), ordered(2))
    results = await asyncio.gather(*(commands.cancel(database, 1) for _ in range(8)))
    assert {result.status for result in results} == {Status.CANCELED}
    assert (await stock(database)).out == 3
    assert sum(isinstance(event, DeliveryCanceled) for event in await announced(database)) == 1


async def test_a_cancel_before_the_order_leaves_a_tombstone_and_the_order_never_delivers(
    database: Database, listener: Listener
) -> None:
    await listener.hears(registered())
    await commands.cancel(database, 1)
    await listener.hears(ordered())
    assert await rows(database, "deliveries") == [
        {
            "id": 1,
            "product_id": None,
            "qty": 0,
            "status": "CANCELED",
            "decide_by": None,
            "announced": 1,
            "version": 1,
        }
    ]
    assert (await stock(database)).out == 0


async def test_a_cancel_and_its_order_at_the_same_time_end_cancelled_with_all_stock_there(
    database: Database, listener: Listener
) -> None:
    await listener.hears(registered())
    for rental_id in range(1, 11):
        await asyncio.gather(listener.hears(ordered(rental_id)), commands.cancel(database, rental_id))
    assert {row["status"] for row in await rows(database, "deliveries")} == {"CANCELED"}
    assert (await stock(database)).out == 0


async def test_what_was_refused_cannot_be_cancelled(database: Database, listener: Listener) -> None:
    await listener.hears(registered(), ordered(qty=10))
    before = await content(database)
    with pytest.raises(NothingToCancelError):
        await commands.cancel(database, 1)
    assert await content(database) == before


async def test_an_adjustment_moves_the_stock_and_is_announced(database: Database, listener: Listener) -> None:
    await listener.hears(registered(), ordered(qty=6), adjusted(-5, 2), adjusted(1, 3))
    assert (await announced(database))[3:] == [
        StockChanged(product_id=5, total=6, out=6, available=0),  # 4 are owned, 6 are out
        # 5 are owned: nothing that a customer could see has changed
    ]
    await commands.cancel(database, 1)
    assert (await announced(database))[-1] == StockChanged(product_id=5, total=5, out=0, available=5)
    assert await versions_announced(database, "stocks/5") == [1, 2, 3, 4]


async def test_a_stock_that_changes_often_in_a_batch_is_announced_once_as_it_ends(
    database: Database, listener: Listener
) -> None:
    await listener.hears_together(registered(), adjusted(1, 2), adjusted(1, 3))
    assert await announced(database) == [StockChanged(product_id=5, total=11, out=0, available=11)]


async def test_an_adjustment_that_comes_too_early_waits_among_the_dead_letters_and_loses_nothing(
    database: Database, listener: Listener
) -> None:
    await listener.hears(registered())
    await listener.takes(record(adjusted(-2, 3)))
    await listener.takes(record(adjusted(4, 2)))
    assert (await stock(database)).units == 9
    assert len(await rows(database, "dead_letters")) == 2


async def test_a_change_whose_event_cannot_be_kept_is_not_kept_either(
    database: Database, listener: Listener
) -> None:
    await listener.hears(registered(), ordered(1))
    before = await content(database)
    await refuse_announcements(database)
    try:
        with pytest.raises(CheckViolationError):
            await commands.cancel(database, 1)
        with pytest.raises(CheckViolationError):
            await commands.cancel(database, 2)
    finally:
        await allow_announcements(database)
    assert await content(database) == before


@pytest.mark.parametrize("what", ["deliveries", "stocks"])
async def test_a_stale_save_raises_and_changes_nothing(
    database: Database, listener: Listener, what: str
) -> None:
    await listener.hears(registered(), ordered(1), ordered(2))
    stale_delivery, fresh_delivery = await delivery(database, 1), await delivery(database, 2)
    stale_stock = await stock(database)
    await commands.cancel(database, 1)
    before = await content(database)
    stale = (
        ([fresh_delivery, stale_delivery], []) if what == "deliveries" else ([fresh_delivery], [stale_stock])
    )
    with pytest.raises(StaleVersionError):
        async with database.transaction() as connection:
            await store.save(connection, *stale, [])
    assert await content(database) == before


async def test_a_second_delivery_of_one_rental_cannot_be_written_down(
    database: Database, listener: Listener
) -> None:
    await listener.hears(registered(), ordered())
    again = (await delivery(database)).model_copy(update={"version": 0})
    with pytest.raises(StaleVersionError):
        async with database.transaction() as connection:
            await store.save(connection, [again], [], [])


async def test_batches_that_cross_wait_for_one_another_in_no_ring(
    database: Database, listener: Listener
) -> None:
    await listener.hears(*(registered(1_000, product_id) for product_id in (1, 2, 3)))
    forward = [ordered(n, 1, n % 3 + 1) for n in range(1, 31)]
    backward = [ordered(n, 1, n % 3 + 1) for n in range(60, 30, -1)]
    await asyncio.gather(*(listener.hears_together(*batch) for batch in (forward, backward)))
    assert {row["status"] for row in await rows(database, "deliveries")} == {"DELIVERED"}
    assert [row["out"] for row in await rows(database, "stocks")] == [20, 20, 20]
