"""Rental's copy of the products: product and delivery each write their own columns, in any order."""

from typing import Any

from chassis.database import Database
from chassis.message import Message
from rental import views
from shared_events.delivery import StockChanged
from shared_events.product import ProductSaved
from tests.support.databases import rows
from tests.support.messages import Listener, told
from tests.support.orders import arrivals


def news(product_id: int) -> list[Message[Any]]:
    """Tell of a product that was renamed and rented."""
    return [
        told(ProductSaved(product_id=product_id, name="computer", qty=9), 1),
        told(ProductSaved(product_id=product_id, name="notebook", qty=9), 2),
        told(StockChanged(product_id=product_id, total=9, out=0, available=9), 1),
        told(StockChanged(product_id=product_id, total=9, out=4, available=5), 2),
    ]


async def test_any_order_of_arrival_gives_the_same_copy(database: Database, listener: Listener) -> None:
    expected = []
    for product_id, arrival in enumerate(arrivals(4), 1):
        messages = news(product_id)
        for batch in arrival:
            await listener.hears_together(*(messages[number] for number in batch))
            await listener.forgets()
        expected.append(
            {
                "id": product_id,
                "name": "notebook",
                "initial_qty": 9,
                "product_version": 2,
                "available": 5,
                "stock_version": 2,
            }
        )
    assert await rows(database, "products") == expected


async def test_a_product_is_known_once_its_registration_was_heard(
    database: Database, listener: Listener
) -> None:
    registered, _, stock, _ = news(1)
    await listener.hears(stock)
    assert await views.product(database.pool, 1) is None
    assert await views.products(database.pool, 0, 20) == []
    await listener.hears(registered)
    assert await views.product(database.pool, 1) == views.ProductView(1, "computer", 9)


async def test_until_delivery_speaks_the_stock_is_what_was_registered(
    database: Database, listener: Listener
) -> None:
    await listener.hears(news(1)[0])
    assert await views.product(database.pool, 1) == views.ProductView(1, "computer", 9)
