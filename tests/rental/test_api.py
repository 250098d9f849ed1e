"""The rental context over real HTTP: ordering and looking up."""

from typing import Any

import httpx2
import pytest

from chassis.database import Database
from shared_events.delivery import Delivered, OutOfStockRentalCanceled, StockChanged
from shared_events.product import ProductSaved
from shared_events.rental import RentalOrdered
from tests.support.bodies import NO_QUANTITY, NO_REFERENCE, NO_TEXT, Refusals
from tests.support.databases import announced, content
from tests.support.messages import Listener, told
from tests.support.problems import assert_collection_is_paged, assert_paths_are_refused, refusal

ORDER = {"productId": 5, "qty": 3, "status": "ORDERED", "productName": "computer"}
CANCEL = {"href": "/rentals/1", "method": "DELETE"}


async def ordered(http: httpx2.AsyncClient, **body: Any) -> dict[str, Any]:
    """Order something."""
    answer = await http.post("/rentals", json={**ORDER, **body})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_ordering_answers_with_the_rental_and_what_can_be_done_with_it(
    http: httpx2.AsyncClient,
) -> None:
    answer = await http.post("/rentals", json=ORDER)
    assert answer.status_code == 201
    assert answer.headers["location"] == "/rentals/1"
    assert answer.headers["content-type"] == "application/hal+json"
    assert answer.json() == {
        "id": 1,
        "productId": 5,
        "productName": "computer",
        "qty": 3,
        "status": "ORDERED",
        "deliveryId": None,
        "_links": {"self": {"href": "/rentals/1"}, "cancel": CANCEL},
    }
    assert (await http.get("/rentals/1")).json() == answer.json()


async def test_an_order_as_httpie_sends_it(http: httpx2.AsyncClient, database: Database) -> None:
    await ordered(http, productId="5", qty="3")
    assert await announced(database) == [
        RentalOrdered(rental_id=1, product_id=5, product_name="computer", qty=3, product_known=False)
    ]


async def test_product_and_quantity_are_enough_to_order(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/rentals", json={"productId": 5, "qty": 1})
    assert answer.status_code == 201
    assert (answer.json()["status"], answer.json()["productName"]) == ("ORDERED", None)


async def test_the_product_is_called_what_product_calls_it(
    http: httpx2.AsyncClient, listener: Listener
) -> None:
    await listener.hears(told(ProductSaved(product_id=5, name="컴퓨터", qty=9)))
    assert (await ordered(http, productName="mine"))["productName"] == "컴퓨터"


@pytest.mark.parametrize("qty", [1, 1_000_000])
async def test_the_quantity_goes_from_one_to_a_million(http: httpx2.AsyncClient, qty: int) -> None:
    assert (await ordered(http, qty=qty))["qty"] == qty


async def test_what_is_not_an_order_is_refused_and_nothing_is_kept(
    http: httpx2.AsyncClient, database: Database
) -> None:
    before = await content(database)
    refusals = Refusals(http, "POST", "/rentals", ORDER)
    await refusals.no_object()
    await refusals.field("productId", NO_REFERENCE)
    await refusals.field("qty", NO_QUANTITY)
    await refusals.field("productName", NO_TEXT)
    others = ("DELIVERED", "CANCELING", "CANCELED", "CANCELED_OutOfStock", "ordered", "", " ORDERED")
    await refusals.field("status", {other: b'"%s"' % other.encode() for other in others} | {"null": b"null"})
    await refusals.field("deliveryId", {"that is delivery's to say": b"1"})
    await refusals.missing("productId")
    await refusals.missing("qty")
    await refusals.unknown_fields()
    await refusals.too_large()
    refusals.compare()
    assert await content(database) == before


async def test_what_is_not_there_is_refused(http: httpx2.AsyncClient) -> None:
    await assert_paths_are_refused(http, "/rentals", "/products")


@pytest.mark.parametrize("method", ["PATCH", "PUT", "POST"])
async def test_a_customer_cannot_change_what_an_order_is(
    http: httpx2.AsyncClient, database: Database, method: str
) -> None:
    await ordered(http)
    before = await content(database)
    answer = await http.request(method, "/rentals/1", json={"status": "DELIVERED"})
    assert refusal(answer) == (405, "method-not-allowed")
    assert await content(database) == before


async def test_a_delivered_rental_tells_its_delivery_and_can_be_cancelled(
    http: httpx2.AsyncClient, listener: Listener
) -> None:
    await ordered(http)
    await listener.hears(told(Delivered(delivery_id=1, rental_id=1, product_id=5, qty=3)))
    rental = (await http.get("/rentals/1")).json()
    assert (rental["status"], rental["deliveryId"]) == ("DELIVERED", 1)
    assert rental["_links"]["cancel"] == CANCEL


@pytest.mark.parametrize(
    "status", ["CANCELED", "CANCELED_OutOfStock", "CANCELED_UnregisteredProduct", "CANCELING"]
)
async def test_a_rental_that_is_final_or_being_cancelled_offers_no_cancel(
    http: httpx2.AsyncClient, database: Database, status: str
) -> None:
    await ordered(http)
    await database.pool.execute(
        """UPDATE rentals SET status = $1, (cancel_id, canceling_from, cancel_due) =
               (SELECT gen_random_uuid(), 'ORDERED', now() + interval '1 hour' WHERE $1 = 'CANCELING')""",
        status,
    )
    rental = (await http.get("/rentals/1")).json()
    assert rental["status"] == status
    assert rental["_links"] == {"self": {"href": "/rentals/1"}}
    [listed] = (await http.get("/rentals")).json()["_embedded"]["rentals"]
    assert listed == rental


async def test_cancelling_what_does_not_exist_is_refused(
    http: httpx2.AsyncClient, database: Database
) -> None:
    before = await content(database)
    assert refusal(await http.delete("/rentals/1")) == (404, "not-found")
    for nonsense in (0, -1, 2**63, "abc"):
        assert refusal(await http.delete(f"/rentals/{nonsense}")) == (422, "invalid-request")
    assert await content(database) == before


async def test_cancelling_what_was_refused_is_refused(
    http: httpx2.AsyncClient, database: Database, listener: Listener
) -> None:
    await ordered(http)
    await listener.hears(told(OutOfStockRentalCanceled(rental_id=1, product_id=5, qty=3, available=1)))
    before = await content(database)
    assert refusal(await http.delete("/rentals/1")) == (409, "nothing-to-cancel")
    assert await content(database) == before


async def test_cancelling_what_is_cancelled_is_the_same_success_without_asking_delivery(
    http: httpx2.AsyncClient, database: Database
) -> None:
    await ordered(http)
    await database.pool.execute("UPDATE rentals SET status = 'CANCELED'")
    before = await content(database)
    answer = await http.delete("/rentals/1")
    assert (answer.status_code, answer.json()["status"]) == (200, "CANCELED")
    assert await content(database) == before


async def test_rentals_and_products_are_listed_page_by_page(
    http: httpx2.AsyncClient, database: Database
) -> None:
    await database.pool.execute(
        """INSERT INTO rentals (product_id, qty, status, announced)
           SELECT 5, 3, 'ORDERED', 1 FROM generate_series(1, 24)"""
    )
    await database.pool.execute(
        "INSERT INTO products (id, name, initial_qty) SELECT n, 'computer', 9 FROM generate_series(1, 24) n"
    )
    await assert_collection_is_paged(http, "/rentals", "id", 24)
    await assert_collection_is_paged(http, "/products", "id", 24)


async def test_products_are_shown_as_rental_knows_them(http: httpx2.AsyncClient, listener: Listener) -> None:
    await listener.hears(
        told(ProductSaved(product_id=5, name="computer", qty=9)),
        told(StockChanged(product_id=5, total=9, out=3, available=6)),
    )
    assert (await http.get("/products/5")).json() == {
        "id": 5,
        "name": "computer",
        "qty": 6,
        "_links": {"self": {"href": "/products/5"}},
    }
