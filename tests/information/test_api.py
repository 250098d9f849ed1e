"""The information context over real HTTP: how an order stands, and how it came to that."""

from datetime import timedelta

import httpx2

from chassis.database import Database
from shared_events.delivery import Delivered
from shared_events.rental import RentalOrdered
from tests.support.messages import NOW, Listener, told
from tests.support.problems import assert_collection_is_paged, assert_paths_are_refused, refusal


async def test_an_order_tells_how_it_stands_and_its_history(
    http: httpx2.AsyncClient, listener: Listener
) -> None:
    order = RentalOrdered(rental_id=7, product_id=5, product_name="컴퓨터", qty=3, product_known=True)
    ordered = told(order, at=NOW)
    delivered = told(
        Delivered(delivery_id=7, rental_id=7, product_id=5, qty=3), at=NOW + timedelta(seconds=1)
    )
    await listener.hears(delivered, ordered)
    answer = await http.get("/myOrders/7")
    assert answer.headers["content-type"] == "application/hal+json"
    assert answer.json() == {
        "rentalId": 7,
        "productId": 5,
        "productName": "컴퓨터",
        "qty": 3,
        "status": "DELIVERED",
        "deliveryId": 7,
        "deliveryStatus": "DELIVERED",
        "orderedAt": "2026-03-01T12:00:00Z",
        "updatedAt": "2026-03-01T12:00:01Z",
        "history": [
            {"what": "RentalOrdered", "at": "2026-03-01T12:00:00Z", "event": str(ordered.envelope.id)},
            {"what": "Delivered", "at": "2026-03-01T12:00:01Z", "event": str(delivered.envelope.id)},
        ],
        "_links": {"self": {"href": "/myOrders/7"}, "rental": {"href": "/rentals/7"}},
    }
    assert (await http.get("/myOrders")).json()["_embedded"]["myOrders"] == [answer.json()]


async def test_what_is_not_there_is_refused(http: httpx2.AsyncClient) -> None:
    await assert_paths_are_refused(http, "/myOrders")


async def test_the_view_is_only_read(http: httpx2.AsyncClient) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert refusal(await http.request(method, "/myOrders/1")) == (405, "method-not-allowed")


async def test_orders_are_listed_page_by_page(http: httpx2.AsyncClient, database: Database) -> None:
    await database.pool.execute(
        "INSERT INTO my_orders (rental_id, updated_at) SELECT n, now() FROM generate_series(1, 24) n"
    )
    await assert_collection_is_paged(http, "/myOrders", "rentalId", 24)
