"""The MyOrder view: a row is a set of facts, so any order of arrival gives the same row."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.database import Database
from chassis.message import Message
from information import views
from information.views import Happening
from shared_events.delivery import (
    Delivered,
    DeliveryCanceled,
    OutOfStockRentalCanceled,
    UnregisteredProductRentalCanceled,
)
from shared_events.rental import RentalCanceled, RentalOrdered
from tests.support.databases import rows
from tests.support.messages import NOW, Listener, told
from tests.support.orders import arrivals


def at(step: int) -> datetime:
    """Give the moment of the n-th fact of an order."""
    return NOW + timedelta(seconds=step)


def ordered(rental_id: int) -> RentalOrdered:
    """Say that somebody ordered."""
    return RentalOrdered(
        rental_id=rental_id, product_id=5, product_name="computer", qty=3, product_known=True
    )


def canceled_after_delivery(rental_id: int) -> list[Message[Any]]:
    """Tell the longest life that an order can have."""
    same: dict[str, int] = {"rental_id": rental_id, "product_id": 5, "qty": 3}
    return [
        told(ordered(rental_id), 1, at=at(0)),
        told(Delivered(delivery_id=rental_id, **same), 1, at=at(1)),
        told(DeliveryCanceled(delivery_id=rental_id, **same), 2, at=at(2)),
        told(RentalCanceled(**same), 2, at=at(3)),
    ]


async def test_any_order_of_arrival_gives_the_same_row(database: Database, listener: Listener) -> None:
    expected = []
    for rental_id, arrival in enumerate(arrivals(4), 1):
        messages = canceled_after_delivery(rental_id)
        for batch in arrival:
            await listener.hears_together(*(messages[number] for number in batch))
            await listener.forgets()
        history = [Happening(m.envelope.type, m.envelope.time, str(m.envelope.id)) for m in messages]
        expected.append(
            views.MyOrder(
                rental_id=rental_id,
                product_id=5,
                product_name="computer",
                qty=3,
                status="CANCELED",
                delivery_id=rental_id,
                delivery_status="CANCELED",
                ordered_at=at(0),
                updated_at=at(3),
                history=history,
            )
        )
    assert await views.my_orders(database.pool, 0, 1_000) == expected


@pytest.mark.parametrize(
    ("told_so_far", "status", "delivery_status"),
    [
        (["ordered"], "ORDERED", None),
        (["ordered", "delivered"], "DELIVERED", "DELIVERED"),
        (["delivered"], "DELIVERED", "DELIVERED"),
        (["ordered", "delivered", "undone"], "CANCELED", "CANCELED"),
        (["ordered", "undone"], "CANCELED", "CANCELED"),
        (["ordered", "delivered", "canceled"], "CANCELED", "DELIVERED"),
        (["ordered", "out_of_stock"], "CANCELED_OutOfStock", "CANCELED_OutOfStock"),
        (["ordered", "unregistered"], "CANCELED_UnregisteredProduct", "CANCELED_UnregisteredProduct"),
    ],
)
async def test_the_status_follows_from_what_was_told(
    database: Database, listener: Listener, told_so_far: list[str], status: str, delivery_status: str | None
) -> None:
    same: dict[str, int] = {"rental_id": 1, "product_id": 5, "qty": 3}
    facts: dict[str, Any] = {
        "ordered": ordered(1),
        "delivered": Delivered(delivery_id=1, **same),
        "undone": DeliveryCanceled(delivery_id=1, **same),
        "canceled": RentalCanceled(**same),
        "out_of_stock": OutOfStockRentalCanceled(available=1, **same),
        "unregistered": UnregisteredProductRentalCanceled(**same),
    }
    await listener.hears(*(told(facts[name]) for name in told_so_far))
    order = await views.my_order(database.pool, 1)
    assert order is not None
    assert (order.status, order.delivery_status) == (status, delivery_status)


async def test_what_no_event_has_told_yet_is_not_known(database: Database, listener: Listener) -> None:
    await listener.hears(told(DeliveryCanceled(delivery_id=1, rental_id=1, product_id=None, qty=0)))
    order = await views.my_order(database.pool, 1)
    assert order is not None
    assert (order.product_id, order.product_name, order.qty, order.ordered_at) == (None, None, None, None)
    assert (order.status, order.delivery_id) == ("CANCELED", None)


async def test_a_batch_about_many_orders_makes_a_row_for_each(database: Database, listener: Listener) -> None:
    await listener.hears_together(*(told(ordered(rental_id)) for rental_id in (3, 1, 2)))
    assert [row["rental_id"] for row in await rows(database, "my_orders")] == [1, 2, 3]


async def test_the_same_event_twice_is_one_happening(database: Database, listener: Listener) -> None:
    message = told(ordered(1))
    await listener.hears(message, message)
    order = await views.my_order(database.pool, 1)
    assert order is not None
    assert [happening.what for happening in order.history] == ["RentalOrdered"]
