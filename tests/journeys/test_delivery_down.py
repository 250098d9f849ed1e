"""Rental takes orders whatever else is down, and never says that a cancel happened when it did not."""

import httpx2

from tests.journeys.system import System


def assert_try_again(answer: httpx2.Response, kind: str) -> None:
    """Expect the problem that tells a caller to try again shortly."""
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["type"] == f"urn:oa-rental:problem:{kind}"


async def test_orders_are_taken_while_delivery_is_down_and_decided_when_it_is_back(system: System) -> None:
    product = await system.register(5)
    delivered = await system.order(product, 3)
    await system.becomes("DELIVERED", delivered)

    async with system.without("delivery"):
        waiting, too_many = await system.order(product, 2), await system.order(product, 3)
        assert_try_again(await system.cancel(delivered), "cancel-not-possible-now")
        assert_try_again(await system.cancel(waiting), "cancel-not-possible-now")
        still_there = await system.rental(delivered)
        assert (still_there["status"], "cancel" in still_there["_links"]) == ("DELIVERED", True)
        assert (await system.rental(waiting))["status"] == "ORDERED"

    await system.becomes("DELIVERED", delivered, waiting)
    await system.becomes("CANCELED_OutOfStock", too_many)
    await system.stock_becomes(0, product)
    await system.cancel_until_it_stands(delivered)
    await system.becomes("CANCELED", delivered)
    await system.stock_becomes(3, product)
