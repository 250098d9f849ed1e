"""The rental context's commands on its real database: each is one transaction."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from asyncpg import CheckViolationError

from chassis.database import Database, StaleVersionError
from rental import commands, store
from rental.domain.rental import AlreadyDecidedError, CancelUnderWayError, Rental, Status
from shared_events.delivery import (
    Delivered,
    DeliveryCanceled,
    OutOfStockRentalCanceled,
    UnregisteredProductRentalCanceled,
)
from shared_events.product import ProductSaved
from shared_events.rental import RentalCanceled, RentalOrdered
from tests.support.databases import (
    allow_announcements,
    announced,
    content,
    refuse_announcements,
    rows,
    versions_announced,
)
from tests.support.messages import Listener, record, told

FIRST, SECOND = UUID(int=1), UUID(int=2)
PATIENCE = timedelta(seconds=2)
DELIVERED = Delivered(delivery_id=1, rental_id=1, product_id=5, qty=3)
UNDONE = DeliveryCanceled(delivery_id=1, rental_id=1, product_id=5, qty=3)
OUT_OF_STOCK = OutOfStockRentalCanceled(rental_id=1, product_id=5, qty=3, available=1)
UNREGISTERED = UnregisteredProductRentalCanceled(rental_id=1, product_id=5, qty=3)
CANCELED = RentalCanceled(rental_id=1, product_id=5, qty=3)


async def ordered(database: Database) -> Rental:
    """Order three of something."""
    return await commands.order(database, 5, 3, "what the customer calls it")


async def stored(database: Database, rental_id: int = 1) -> Rental:
    """Load a rental."""
    async with database.transaction() as connection:
        return (await store.load(connection, [rental_id]))[rental_id]


async def test_an_order_is_kept_with_its_event(database: Database) -> None:
    rental = await ordered(database)
    assert rental.id == 1
    assert await stored(database) == rental.model_copy(update={"version": 1})
    assert await announced(database) == [
        RentalOrdered(
            rental_id=1, product_id=5, product_name="what the customer calls it", qty=3, product_known=False
        )
    ]
    assert await versions_announced(database, "rentals/1") == [1]


async def test_an_order_of_a_known_product_says_so(database: Database, listener: Listener) -> None:
    await listener.hears(told(ProductSaved(product_id=5, name="computer", qty=9)))
    await ordered(database)
    assert await announced(database) == [
        RentalOrdered(rental_id=1, product_id=5, product_name="computer", qty=3, product_known=True)
    ]


async def test_orders_are_numbered_from_one(database: Database) -> None:
    assert [(await ordered(database)).id for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("fact", "status", "delivery_id"),
    [
        (DELIVERED, Status.DELIVERED, 1),
        (OUT_OF_STOCK, Status.CANCELED_OUT_OF_STOCK, None),
        (UNREGISTERED, Status.CANCELED_UNREGISTERED_PRODUCT, None),
    ],
)
async def test_a_rental_follows_what_delivery_decides_and_says_nothing_itself(
    database: Database, listener: Listener, fact: Any, status: Status, delivery_id: int | None
) -> None:
    await ordered(database)
    await listener.hears(told(fact))
    rental = await stored(database)
    assert (rental.status, rental.delivery_id) == (status, delivery_id)
    assert len(await announced(database)) == 1


async def test_delivery_is_heard_again_without_effect_even_when_the_inbox_forgot(
    database: Database, listener: Listener
) -> None:
    await ordered(database)
    await listener.hears(told(DELIVERED), told(UNDONE, 2))
    before, said = await stored(database), await announced(database)
    await listener.forgets()
    await listener.hears(told(DELIVERED), told(UNDONE, 2))
    assert (await stored(database)).model_copy(update={"version": before.version}) == before
    assert await announced(database) == said


async def test_a_batch_about_one_rental_is_followed_in_order(database: Database, listener: Listener) -> None:
    await ordered(database)
    await listener.hears_together(told(DELIVERED), told(UNDONE, 2))
    rental = await stored(database)
    assert (rental.status, rental.delivery_id) == (Status.CANCELED, 1)
    assert (await announced(database))[1:] == [CANCELED]


async def test_a_batch_about_many_rentals_reaches_each(database: Database, listener: Listener) -> None:
    for _ in range(3):
        await ordered(database)
    facts = [DELIVERED.model_copy(update={"rental_id": n, "delivery_id": n}) for n in (3, 1, 2)]
    await listener.hears_together(*map(told, facts))
    assert {row["status"] for row in await rows(database, "rentals")} == {"DELIVERED"}


async def test_delivery_canceled_resolves_a_cancel_and_is_announced(
    database: Database, listener: Listener
) -> None:
    await ordered(database)
    await commands.begin_cancel(database, 1, FIRST, PATIENCE)
    await listener.hears(told(UNDONE))
    assert (await stored(database)).status is Status.CANCELED
    assert (await announced(database))[1:] == [CANCELED]
    assert await versions_announced(database, "rentals/1") == [1, 2]


async def test_news_of_a_rental_that_does_not_exist_is_a_dead_letter(
    database: Database, listener: Listener
) -> None:
    await listener.takes(record(told(DELIVERED)))
    [letter] = await rows(database, "dead_letters")
    assert "not known here" in letter["reason"]


async def test_beginning_and_giving_up_a_cancel_announce_nothing(database: Database) -> None:
    await ordered(database)
    begun = await commands.begin_cancel(database, 1, FIRST, PATIENCE)
    assert (begun.status, begun.cancel_id) == (Status.CANCELING, FIRST)
    given_up = await commands.give_up_cancel(database, 1, FIRST)
    assert given_up.status is Status.ORDERED
    assert len(await announced(database)) == 1


async def test_confirming_a_cancel_announces_it_once(database: Database) -> None:
    await ordered(database)
    await commands.begin_cancel(database, 1, FIRST, PATIENCE)
    await asyncio.gather(*(commands.confirm_cancel(database, 1) for _ in range(5)))
    assert (await announced(database))[1:] == [CANCELED]


async def test_of_many_cancels_at_the_same_time_one_begins(database: Database) -> None:
    await ordered(database)
    attempts = [commands.begin_cancel(database, 1, UUID(int=n), PATIENCE) for n in range(1, 9)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(result, Rental) for result in results) == 1
    assert sum(isinstance(result, CancelUnderWayError) for result in results) == 7


async def test_only_an_overdue_cancel_is_repeated(database: Database) -> None:
    await ordered(database)
    await commands.begin_cancel(database, 1, FIRST, PATIENCE)
    assert await commands.repeat_overdue_cancels(database, SECOND, PATIENCE, 20) == []
    await database.pool.execute("UPDATE rentals SET cancel_due = now() - interval '1 second'")
    [taken_over] = await commands.repeat_overdue_cancels(database, SECOND, PATIENCE, 20)
    assert (taken_over.status, taken_over.cancel_id) == (Status.CANCELING, SECOND)
    assert await commands.repeat_overdue_cancels(database, SECOND, PATIENCE, 20) == []
    still = await commands.give_up_cancel(database, 1, FIRST)
    assert still.status is Status.CANCELING


async def test_two_reconcilers_never_repeat_the_same_cancel(database: Database) -> None:
    for _ in range(6):
        rental = await ordered(database)
        await commands.begin_cancel(database, rental.id, FIRST, -PATIENCE)
    rounds = await asyncio.gather(
        *(commands.repeat_overdue_cancels(database, UUID(int=n), PATIENCE, 4) for n in range(10, 14))
    )
    repeated = [rental.id for taken in rounds for rental in taken]
    assert len(repeated) == len(set(repeated))


@pytest.mark.parametrize("fact", [OUT_OF_STOCK, UNREGISTERED])
async def test_what_was_refused_cannot_be_cancelled(
    database: Database, listener: Listener, fact: Any
) -> None:
    await ordered(database)
    await listener.hears(told(fact))
    before = await content(database)
    with pytest.raises(AlreadyDecidedError):
        await commands.begin_cancel(database, 1, FIRST, PATIENCE)
    assert await content(database) == before


async def test_a_change_whose_event_cannot_be_kept_is_not_kept_either(database: Database) -> None:
    await ordered(database)
    await commands.begin_cancel(database, 1, FIRST, PATIENCE)
    before = await content(database)
    attempts: list[Callable[[], Awaitable[Any]]] = [
        lambda: ordered(database),
        lambda: commands.confirm_cancel(database, 1),
    ]
    await refuse_announcements(database)
    try:
        for attempt in attempts:
            with pytest.raises(CheckViolationError):
                await attempt()
    finally:
        await allow_announcements(database)
    assert await content(database) == before


async def test_a_stale_save_raises_and_changes_nothing(database: Database) -> None:
    await ordered(database)
    stale = await stored(database)
    await commands.begin_cancel(database, 1, FIRST, PATIENCE)
    before = await content(database)
    with pytest.raises(StaleVersionError):
        async with database.transaction() as connection:
            await store.save(connection, [stale.model_copy(update={"status": Status.DELIVERED})], [])
    assert await content(database) == before


async def test_of_several_saves_one_that_is_stale_stops_all(database: Database) -> None:
    await ordered(database)
    await ordered(database)
    fresh, stale = await stored(database, 1), await stored(database, 2)
    await commands.begin_cancel(database, 2, FIRST, PATIENCE)
    before = await content(database)
    delivered = [rental.model_copy(update={"status": Status.DELIVERED}) for rental in (fresh, stale)]
    with pytest.raises(StaleVersionError):
        async with database.transaction() as connection:
            await store.save(connection, delivered, [])
    assert await content(database) == before


async def test_a_cancel_is_due_after_the_given_patience(database: Database) -> None:
    await ordered(database)
    earliest = datetime.now(UTC) + PATIENCE
    begun = await commands.begin_cancel(database, 1, FIRST, PATIENCE)
    assert begun.cancel_due is not None
    assert earliest <= begun.cancel_due <= datetime.now(UTC) + PATIENCE
