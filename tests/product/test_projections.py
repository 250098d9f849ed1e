"""Product's copy of the stock: whatever the order of arrival, the newest news stands."""

from chassis.database import Database
from chassis.message import Message
from shared_events.delivery import StockChanged
from tests.support.databases import rows
from tests.support.messages import Listener, told
from tests.support.orders import arrivals

LEVELS = [(9, 0), (9, 3), (12, 3), (12, 1)]


def news(product_id: int) -> list[Message[StockChanged]]:
    """Tell how a stock changed."""
    return [
        told(StockChanged(product_id=product_id, total=total, out=out, available=total - out), version)
        for version, (total, out) in enumerate(LEVELS, 1)
    ]


async def test_any_order_of_arrival_gives_the_same_copy(database: Database, listener: Listener) -> None:
    expected = []
    for product_id, arrival in enumerate(arrivals(len(LEVELS)), 1):
        messages = news(product_id)
        for batch in arrival:
            await listener.hears_together(*(messages[number] for number in batch))
            await listener.forgets()
        expected.append({"product_id": product_id, "total": 12, "out": 1, "available": 11, "version": 4})
    assert await rows(database, "stock_levels") == expected


async def test_a_batch_about_many_products_reaches_each(database: Database, listener: Listener) -> None:
    await listener.hears_together(*(message for product_id in (3, 1, 2) for message in news(product_id)))
    assert [row["product_id"] for row in await rows(database, "stock_levels")] == [1, 2, 3]
