"""Events that come twice, or too late, change nothing, whether their id is known or new."""

from itertools import zip_longest
from typing import Any
from uuid import uuid4

import pytest

from shared_events.envelope import Headers
from tests.journeys.quiet import comes_to_rest
from tests.journeys.system import System
from tests.journeys.topics import Announced, about, announce_again

TABLES = {
    "product": ("products", "stock_levels", "outbox", "dead_letters"),
    "rental": ("rentals", "products", "outbox", "dead_letters"),
    "delivery": ("deliveries", "stocks", "outbox", "dead_letters"),
    "information": ("my_orders", "outbox", "dead_letters"),
}


async def everything(system: System) -> dict[str, list[dict[str, Any]]]:
    """Read all rows but the inbox's, which remembers what came."""
    return {
        f"{context}.{table}": await system.rows(context, f"SELECT * FROM {table} ORDER BY 1")
        for context, tables in TABLES.items()
        for table in tables
    }


async def play_many_stories(system: System) -> list[Announced]:
    """Let one product, and orders with each end that an order can have, be talked about."""
    product = await system.register(9)
    await system.stock_becomes(9, product)
    delivered, canceled = await system.order(product, 3), await system.order(product, 2)
    unknown, too_many = await system.order(product + 1_000_000), await system.order(product, 100)
    await system.becomes("DELIVERED", delivered, canceled)
    await system.cancel_until_it_stands(canceled)
    await system.http.patch(f"{system.stack.urls['product']}/products/{product}", json={"name": "laptop"})
    assert (await system.adjust(product, -1)).status_code == 202
    await system.becomes("CANCELED_UnregisteredProduct", unknown)
    await system.becomes("CANCELED_OutOfStock", too_many)
    await comes_to_rest(system)
    orders = (delivered, canceled, unknown, too_many)
    subjects = [f"products/{product}", f"stocks/{product}"]
    subjects += [f"{aggregate}/{order}" for aggregate in ("rentals", "deliveries") for order in orders]
    return await about(system.stack.bootstrap, *subjects)


def with_another_id(record: Announced) -> Headers:
    """Say the same fact, of the same version, as if it were another event."""
    return [(name, str(uuid4()).encode() if name == "ce_id" else value) for name, value in record.headers]


@pytest.mark.parametrize("order", ["once more", "the newest first"])
@pytest.mark.parametrize("id_of", ["the same event", "another event"])
async def test_facts_that_are_told_again_change_nothing(system: System, order: str, id_of: str) -> None:
    told = await play_many_stories(system)
    assert {record.envelope.type for record in told} == {
        "ProductSaved", "StockAdjusted", "StockChanged", "RentalOrdered", "RentalCanceled", "Delivered",
        "DeliveryCanceled", "OutOfStockRentalCanceled", "UnregisteredProductRentalCanceled",
    }  # fmt: skip
    before = await everything(system)

    again = told if order == "once more" else told[::-1]
    headers_of = with_another_id if id_of == "another event" else lambda record: record.headers
    await announce_again(system.stack.bootstrap, [(record, headers_of(record)) for record in again])
    await comes_to_rest(system)

    after = await everything(system)
    changed = {
        name: [rows for rows in zip_longest(before[name], after[name]) if rows[0] != rows[1]]
        for name in before
        if before[name] != after[name]
    }
    assert not changed, f"rows before and after: {changed}"
