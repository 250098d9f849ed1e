"""The product team puts units in and takes units out; what customers hold is never overwritten."""

from tests.journeys.system import System
from tests.journeys.topics import about


async def test_an_adjustment_is_announced_and_every_copy_follows(system: System) -> None:
    product = await system.register(9)
    rental = await system.order(product, 3)
    await system.becomes("DELIVERED", rental)

    assert (await system.adjust(product, 4, "bought four")).status_code == 202
    await system.stock_becomes(10, product)
    assert (await system.adjust(product, -2, "two broke")).status_code == 202
    await system.stock_becomes(8, product)

    stock = (await system.get("delivery", f"/products/{product}")).json()
    assert (stock["total"], stock["out"], stock["qty"]) == (11, 3, 8)
    told = await about(system.stack.bootstrap, f"products/{product}")
    assert [(fact.envelope.type, fact.payload.get("delta"), fact.payload.get("reason")) for fact in told] == [
        ("ProductSaved", None, None),
        ("StockAdjusted", 4, "bought four"),
        ("StockAdjusted", -2, "two broke"),
    ]


async def test_units_that_are_out_leave_when_they_come_back(system: System) -> None:
    product = await system.register(5)
    first, second = await system.order(product, 2), await system.order(product, 2)
    await system.becomes("DELIVERED", first, second)

    assert (await system.adjust(product, -4, "sold")).status_code == 202
    await system.stock_becomes(0, product)
    late = await system.order(product, 1)
    await system.becomes("CANCELED_OutOfStock", late)

    await system.cancel_until_it_stands(first)
    await system.becomes("CANCELED", first)
    await system.stock_becomes(0, product)
    await system.cancel_until_it_stands(second)
    await system.stock_becomes(1, product)
    told = await about(system.stack.bootstrap, f"stocks/{product}")
    assert all(min(change.payload.values()) >= 0 for change in told)
    assert told[-1].payload | {"productId": 0} == {"productId": 0, "total": 1, "out": 0, "available": 1}


async def test_more_than_there_is_cannot_be_taken_out(system: System) -> None:
    product = await system.register(5)
    refused = await system.adjust(product, -6, "a slip of the pen")
    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
    assert (await system.adjust(product, 0)).status_code == 422
    assert (await system.adjust(product + 1_000_000, 1)).status_code == 404
    assert (
        await system.post("product", f"/products/{product}/stock-adjustments", delta=1)
    ).status_code == 422
    await system.stock_becomes(5, product)
