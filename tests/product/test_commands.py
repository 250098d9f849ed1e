"""The product context's commands on its real database: each is one transaction."""

import asyncio
from datetime import UTC, datetime

import pytest
from asyncpg import CheckViolationError

from chassis.database import Database, StaleVersionError
from product import commands, store
from product.domain.product import AdjustStock, NotThatManyUnitsError, Revise
from shared_events.product import ProductSaved, StockAdjusted
from tests.support.databases import (
    allow_announcements,
    announced,
    content,
    refuse_announcements,
    versions_announced,
)


async def test_registering_keeps_the_product_and_its_event(database: Database) -> None:
    product = await commands.register(database, "computer", 9)
    assert product.id == 1
    assert await announced(database) == [ProductSaved(product_id=1, name="computer", qty=9)]
    async with database.connection() as connection:
        assert await store.load(connection, 1) == product


async def test_products_are_numbered_from_one(database: Database) -> None:
    assert [(await commands.register(database, "computer", 9)).id for _ in range(3)] == [1, 2, 3]


async def test_each_change_is_announced_as_the_next_fact_about_the_product(database: Database) -> None:
    await commands.register(database, "computer", 9)
    await commands.change(database, 1, Revise(name="notebook"))
    await commands.change(database, 1, AdjustStock(delta=-2, reason="two broke"))
    assert await announced(database) == [
        ProductSaved(product_id=1, name="computer", qty=9),
        ProductSaved(product_id=1, name="notebook", qty=9),
        StockAdjusted(product_id=1, delta=-2, reason="two broke"),
    ]
    assert await versions_announced(database, "products/1") == [1, 2, 3]


async def test_a_change_that_changes_nothing_is_not_announced(database: Database) -> None:
    await commands.register(database, "computer", 9)
    before = await content(database)
    await commands.change(database, 1, Revise(name="computer"))
    assert await content(database) == before


async def test_what_is_refused_changes_nothing(database: Database) -> None:
    await commands.register(database, "computer", 9)
    before = await content(database)
    with pytest.raises(NotThatManyUnitsError):
        await commands.change(database, 1, AdjustStock(delta=-10, reason="a mistake"))
    with pytest.raises(LookupError):
        await commands.change(database, 2, Revise(name="nobody's"))
    assert await content(database) == before


async def test_a_product_whose_event_cannot_be_kept_is_not_kept_either(database: Database) -> None:
    await commands.register(database, "computer", 9)
    before = await content(database)
    await refuse_announcements(database)
    try:
        for attempt in (
            commands.register(database, "monitor", 9),
            commands.change(database, 1, Revise(name="notebook")),
            commands.change(database, 1, AdjustStock(delta=1, reason="found one")),
        ):
            with pytest.raises(CheckViolationError):
                await attempt
    finally:
        await allow_announcements(database)
    assert await content(database) == before


async def test_a_stale_save_raises_and_changes_nothing(database: Database) -> None:
    stale = await commands.register(database, "computer", 9)
    await commands.change(database, 1, Revise(name="notebook"))
    before = await content(database)
    after = stale.model_copy(update={"name": "printer", "version": 2})
    fact = ProductSaved(product_id=1, name="printer", qty=9)
    with pytest.raises(StaleVersionError):
        async with database.transaction() as connection:
            await store.save(connection, stale, after, [fact], datetime.now(UTC))
    assert await content(database) == before


async def test_changes_at_the_same_time_all_count(database: Database) -> None:
    await commands.register(database, "computer", 9)
    found_one = AdjustStock(delta=1, reason="found one")
    await asyncio.gather(*(commands.change(database, 1, found_one) for _ in range(6)))
    async with database.connection() as connection:
        product = await store.load(connection, 1)
    assert product is not None
    assert (product.units, product.version) == (15, 7)
    assert await versions_announced(database, "products/1") == [1, 2, 3, 4, 5, 6, 7]
