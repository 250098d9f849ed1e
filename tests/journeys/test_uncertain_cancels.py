"""Cancels whose outcome nobody knows at first: each resolves by itself, the same way on both sides."""

import asyncio

from tests.journeys.system import System
from tests.journeys.test_delivery_down import assert_try_again
from tests.journeys.unreliable import unreliable_way
from tests.support.eventually import eventually

LONGER_THAN_ANY_TIMEOUT = 8.0
"""Rental gives up after 0.61 s; a call without a limit would wait for as long as delivery hangs."""


async def test_a_cancel_resolves_by_itself_when_delivery_hung(system: System) -> None:
    product = await system.register(9)
    rental = await system.order(product, 3)
    await system.becomes("DELIVERED", rental)

    async with system.hanging("delivery"), asyncio.timeout(LONGER_THAN_ANY_TIMEOUT):
        assert_try_again(await system.cancel(rental), "cancel-pending")
        pending = await system.rental(rental)
        assert (pending["status"], "cancel" in pending["_links"]) == ("CANCELING", False)
        assert_try_again(await system.cancel(rental), "cancel-pending")

    await system.becomes("CANCELED", rental)
    await system.stock_becomes(9, product)
    assert (await system.cancel(rental)).status_code == 200


async def test_an_answer_that_is_lost_leaves_no_doubt_for_long(system: System) -> None:
    product = await system.register(9)
    rental = await system.order(product, 3)
    await system.becomes("DELIVERED", rental)

    async with (
        unreliable_way(system.stack.urls["delivery"]) as way,
        system.told("rental", OA_DELIVERY_URL=way.url),
    ):
        way.answers_to_lose = 1
        assert_try_again(await system.cancel(rental), "cancel-pending")
        assert way.answers_lost == 1
        await system.becomes("CANCELED", rental)
        await system.stock_becomes(9, product)


async def test_rental_asks_again_until_it_knows_even_when_it_was_killed(system: System) -> None:
    """Nothing but the repeated call can resolve this one, as no event comes through the hanging broker."""
    product = await system.register(9)
    rental = await system.order(product, 3)
    await system.becomes("DELIVERED", rental)

    async with (
        unreliable_way(system.stack.urls["delivery"]) as way,
        system.told("rental", OA_DELIVERY_URL=way.url),
        system.hanging("kafka"),
    ):
        way.answers_to_lose = 2
        assert_try_again(await system.cancel(rental), "cancel-pending")
        assert (await system.delivery(rental))["status"] == "CANCELED"
        await system.stack.kill("rental")
        await system.stack.wait_ready("rental")

        async def known() -> None:
            assert (await system.rental(rental))["status"] == "CANCELED"

        await eventually(known, 30)
        assert way.answers_lost == 2
        stock = (await system.get("delivery", f"/products/{product}")).json()
        assert (stock["qty"], stock["out"]) == (9, 0), "the repeated call gave the stock back twice"

    await system.becomes("CANCELED", rental)
    await system.stock_becomes(9, product)
