"""The ten faults of the original, a test for each; here 1 to 6, and 7 to 10 where processes are killed."""

from typing import Any

from tests.journeys.quiet import comes_to_rest
from tests.journeys.system import System
from tests.journeys.test_delivery_down import assert_try_again
from tests.journeys.topics import about, read_all

HUGE = "x" * 100_000
DEEP = "[" * 10_000 + "]" * 10_000


async def test_fault_01_a_cancel_gives_the_stock_back_and_remembers_the_product(system: System) -> None:
    product = await system.register(9)
    rental = await system.order(product, 3)
    await system.becomes("DELIVERED", rental)
    await system.stock_becomes(6, product)
    await system.cancel_until_it_stands(rental)
    await system.becomes("CANCELED", rental)
    await system.stock_becomes(9, product)
    delivery = await system.delivery(rental)
    assert (delivery["productId"], delivery["qty"]) == (product, 3)


async def test_fault_02_a_cancel_before_the_delivery_takes_no_stock_and_blocks_nobody(system: System) -> None:
    product = await system.register(9)
    await system.stock_becomes(9, product)

    async with system.hanging("kafka"):
        rental = await system.order(product, 3)
        await system.cancel_until_it_stands(rental)
        tombstone = await system.delivery(rental)
        assert (tombstone["status"], tombstone["productId"], tombstone["qty"]) == ("CANCELED", None, 0)

    others = [await system.order(product) for _ in range(9)]
    await system.becomes("DELIVERED", *others)
    await comes_to_rest(system)
    assert await system.statuses(rental) == ("CANCELED",) * 3
    told = await about(system.stack.bootstrap, f"deliveries/{rental}")
    assert {fact.envelope.type for fact in told} == {"DeliveryCanceled"}
    assert len(await system.rows("delivery", "SELECT * FROM deliveries WHERE id = $1", rental)) == 1
    await system.stock_becomes(0, product)


async def test_fault_03_a_cancel_that_failed_is_told_to_nobody(system: System) -> None:
    product = await system.register(9)
    rental = await system.order(product, 3)
    await system.becomes("DELIVERED", rental)

    async with system.without("delivery"):
        assert_try_again(await system.cancel(rental), "cancel-not-possible-now")
        assert (await system.rental(rental))["status"] == "DELIVERED"

    await comes_to_rest(system)
    assert await system.statuses(rental) == ("DELIVERED",) * 3
    told = await about(system.stack.bootstrap, f"rentals/{rental}", f"deliveries/{rental}")
    assert {fact.envelope.type for fact in told} == {"RentalOrdered", "Delivered"}
    await system.stock_becomes(6, product)


async def test_fault_04_ids_go_on_after_a_restart(system: System) -> None:
    product = await system.register(9)
    before = await system.order(product, 3)
    await system.becomes("DELIVERED", before)
    await comes_to_rest(system)
    told = await system.my_order(before)

    async with system.without("rental"):
        pass

    after = await system.order(product, 2)
    assert after > before
    await system.becomes("DELIVERED", after)
    assert await system.my_order(before) == told


async def test_fault_05_a_compensation_says_one_thing_and_says_which(system: System) -> None:
    product = await system.register(2)
    await system.stock_becomes(2, product)
    out_of_stock = await system.order(product, 3)
    unregistered = await system.order(product + 1_000_000, 3)
    await system.becomes("CANCELED_OutOfStock", out_of_stock)
    await system.becomes("CANCELED_UnregisteredProduct", unregistered)
    await comes_to_rest(system)

    async def types(*subjects: str) -> list[str]:
        return sorted(fact.envelope.type for fact in await about(system.stack.bootstrap, *subjects))

    assert await types(f"deliveries/{out_of_stock}") == ["OutOfStockRentalCanceled"]
    assert await types(f"deliveries/{unregistered}") == ["UnregisteredProductRentalCanceled"]
    assert await types(f"rentals/{out_of_stock}", f"rentals/{unregistered}") == ["RentalOrdered"] * 2
    assert await types(f"stocks/{product}", f"stocks/{product + 1_000_000}") == ["StockChanged"]
    mentions = [
        r for r in await read_all(system.stack.bootstrap) if r.payload.get("rentalId") == unregistered
    ]
    assert len(mentions) == 2, "an event about the order travels under another subject"


REFUSED_ORDERS: dict[str, Any] = {
    "a negative quantity": {"productId": 1, "qty": -5},
    "nothing of it": {"productId": 1, "qty": 0},
    "too much of it": {"productId": 1, "qty": 1_000_001},
    "a quantity in words": {"productId": 1, "qty": "many"},
    "half a unit": {"productId": 1, "qty": 1.5},
    "yes of it": {"productId": 1, "qty": True},
    "no product": {"qty": 1},
    "no quantity": {"productId": 1},
    "a product of nobody": {"productId": None, "qty": 1},
    "a negative product": {"productId": -1, "qty": 1},
    "a product beyond counting": {"productId": 2**63, "qty": 1},
    "a status of her own": {"productId": 1, "qty": 1, "status": "DELIVERED"},
    "a delivery of her own": {"productId": 1, "qty": 1, "deliveryId": 7},
    "an id of her own": {"productId": 1, "qty": 1, "id": 7},
    "a name with a NUL": {"productId": 1, "qty": 1, "productName": "com\0puter"},
    "a huge name": {"productId": 1, "qty": 1, "productName": HUGE},
    "a list": [{"productId": 1, "qty": 1}],
    "nothing at all": None,
}


async def stored(system: System) -> tuple[object, ...]:
    """Everything that an order could leave behind, in the databases and in the topics."""
    await comes_to_rest(system)
    rentals = await system.rows("rental", "SELECT * FROM rentals ORDER BY id")
    products = await system.rows("product", "SELECT * FROM products ORDER BY id")
    return rentals, products, len(await read_all(system.stack.bootstrap))


async def test_fault_06_nonsense_is_refused_and_nothing_is_stored(system: System) -> None:
    product = await system.register(9)
    rental = await system.order(product, 3)
    await system.becomes("DELIVERED", rental)
    before = await stored(system)
    at_rental, at_product = system.stack.urls["rental"], system.stack.urls["product"]
    send = system.http.request

    answers = {
        what: await send("POST", f"{at_rental}/rentals", json=body) for what, body in REFUSED_ORDERS.items()
    }
    answers["no JSON"] = await send("POST", f"{at_rental}/rentals", content=b"productId=1")
    answers["a deep body"] = await send("POST", f"{at_rental}/rentals", content=DEEP.encode())
    for method in ("PATCH", "PUT"):
        answers[f"{method} of a status"] = await send(
            method, f"{at_rental}/rentals/{rental}", json={"status": "CANCELED"}
        )
    for what, body in (
        ("a product that lowers the stock", {"name": "computer", "qty": -5}),
        ("a product without a name", {"qty": 5}),
        ("a product with an empty name", {"name": " ", "qty": 5}),
    ):
        answers[what] = await send("POST", f"{at_product}/products", json=body)
    answers["an absolute stock"] = await send("PATCH", f"{at_product}/products/{product}", json={"qty": 99})

    for what, answer in answers.items():
        assert 400 <= answer.status_code < 500, f"{what}: {answer.status_code} {answer.text}"
        assert answer.headers["content-type"] == "application/problem+json", what
        assert answer.json()["type"].startswith("urn:oa-rental:problem:"), what
        assert "Traceback" not in answer.text, what
    assert await stored(system) == before
    await system.stock_becomes(6, product)
