"""The scenario that this system exists for, as a reader of the README types it."""

import re
from typing import Any

import pytest

from tests.journeys.httpie import play
from tests.journeys.system import System
from tests.support.eventually import eventually


class Customer:
    """Types HTTPie lines; through the gateway, with its port in place of the service's."""

    def __init__(self, system: System, *, by_gateway: bool) -> None:
        self._system = system
        self._by_gateway = by_gateway

    async def types(self, line: str, status: int = 200) -> dict[str, Any]:
        line = re.sub(r":\d{4}", ":8080", line) if self._by_gateway else line
        answer = await play(self._system, line)
        assert answer.status_code == status, f"{line}: {answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    async def sees(self, line: str, **expected: Any) -> dict[str, Any]:
        """Look again until what is expected is there."""

        async def look() -> dict[str, Any]:
            found = await self.types(line)
            seen = {name: found.get(name) for name in expected}
            assert seen == expected, f"{line} gives {seen}"
            return found

        return await eventually(look)


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("by_gateway", [False, True], ids=["direct", "gateway"])
async def test_the_scenario_word_for_word(system: System, by_gateway: bool) -> None:
    customer = Customer(system, by_gateway=by_gateway)
    anyone = Customer(system, by_gateway=False)  # the gateway's /products are product's, not the copies

    computer = await customer.types("POST :8081/products name=computer qty=9", status=201)
    monitor = await customer.types("POST :8081/products name=monitor qty=9", status=201)
    assert [(product["id"], product["qty"]) for product in (computer, monitor)] == [(1, 9), (2, 9)]
    await system.stock_becomes(9, product_id=1)
    await anyone.sees("GET :8082/products/1", id=1, name="computer", qty=9)

    for line, number in (
        ("POST :8082/rentals productId=1  qty=12 status=ORDERED productName=computer", 1),
        ("POST :8082/rentals productId=22 qty=12 status=ORDERED productName=computer", 2),
        ("POST :8082/rentals productId=1  qty=3  status=ORDERED productName=computer", 3),
    ):
        rental = await customer.types(line, status=201)
        assert (rental["id"], rental["status"], rental["deliveryId"]) == (number, "ORDERED", None)

    refused = await customer.sees("GET :8082/rentals/1", status="CANCELED_OutOfStock", deliveryId=None)
    unknown = await customer.sees("GET :8082/rentals/2", status="CANCELED_UnregisteredProduct")
    rental = await customer.sees("GET :8082/rentals/3", status="DELIVERED", deliveryId=3, qty=3, productId=1)
    assert "cancel" not in refused["_links"]
    assert "cancel" not in unknown["_links"]
    assert rental["_links"]["cancel"] == {"href": "/rentals/3", "method": "DELETE"}
    await customer.sees("GET :8083/deliveries/3", status="DELIVERED", productId=1, qty=3, rentalId=3)
    await anyone.sees("GET :8083/products/1", qty=6, out=3, total=9)
    await system.stock_becomes(6, product_id=1)
    order = await customer.sees("GET :8084/myOrders/3", status="DELIVERED", deliveryStatus="DELIVERED")
    assert (order["productId"], order["productName"], order["qty"]) == (1, "computer", 3)
    assert [entry["what"] for entry in order["history"]] == ["RentalOrdered", "Delivered"]
    assert order["orderedAt"] == order["history"][0]["at"]

    canceled = await customer.types("DELETE :8082/rentals/3")
    assert canceled["status"] == "CANCELED"
    assert "cancel" not in canceled["_links"]
    await customer.sees("GET :8082/rentals/3", status="CANCELED")
    await customer.sees("GET :8083/deliveries/3", status="CANCELED", productId=1, qty=3)
    order = await customer.sees("GET :8084/myOrders/3", status="CANCELED", deliveryStatus="CANCELED")
    await customer.sees("GET :8084/myOrders/1", status="CANCELED_OutOfStock")
    await customer.sees("GET :8084/myOrders/2", status="CANCELED_UnregisteredProduct")
    await system.stock_becomes(9, product_id=1)

    assert (await customer.types("DELETE :8082/rentals/3"))["status"] == "CANCELED"
    for number in (1, 2):
        problem = await customer.types(f"DELETE :8082/rentals/{number}", status=409)
        assert problem["type"] == "urn:oa-rental:problem:nothing-to-cancel"

    async def whole_history() -> None:
        found = await customer.types("GET :8084/myOrders/3")
        told = [entry["what"] for entry in found["history"]]
        assert told == ["RentalOrdered", "Delivered", "DeliveryCanceled", "RentalCanceled"], told

    await eventually(whole_history)
    await system.stock_becomes(9, product_id=1)
    await system.stock_becomes(9, product_id=2)


async def test_ten_units_when_nobody_says_how_many(system: System) -> None:
    answer = await play(system, "POST :8081/products name=printer")
    assert (answer.status_code, answer.json()["qty"]) == (201, 10)
    await system.stock_becomes(10, answer.json()["id"])
