"""Cancelling, with the real delivery at the other end of a wire that can be cut.

Whatever is lost on the way, rental and delivery agree in the end, and nobody was told what is not so.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest

from chassis.database import Database
from shared_events.delivery import Delivered, DeliveryCanceled, OutOfStockRentalCanceled
from tests.conftest import Emptied
from tests.rental.both import NOT_NOW, PENDING, Both, both_running
from tests.support.databases import announced, rows
from tests.support.problems import refusal


@pytest.fixture(scope="module")
async def running_both(databases: dict[str, Database], database_urls: dict[str, str]) -> AsyncIterator[Both]:
    """Run both once for all these tests."""
    async with both_running(databases, database_urls) as both:
        yield both


@pytest.fixture
async def both(running_both: Both, emptied: Emptied) -> AsyncIterator[Both]:
    """Give both with nothing in their databases, and leave the wire as it was."""
    await emptied("rental")
    await emptied("delivery")
    yield running_both
    running_both.wire.move()
    running_both.wire.swallows_answers = False
    await running_both.wire.cut()
    await running_both.wire.mend()


async def test_a_cancel_is_done_on_both_sides_and_the_stock_is_back(both: Both) -> None:
    await both.order()
    answer = await both.rental.delete("/rentals/1")
    assert (answer.status_code, answer.json()["status"]) == (200, "CANCELED")
    assert await both.status() == ("CANCELED", "CANCELED")
    assert (await both.delivery.get("/products/5")).json()["qty"] == 9
    assert await both.cancels_announced() == 1


async def test_cancelling_again_is_the_same_success(both: Both) -> None:
    await both.order()
    first, second = [await both.rental.delete("/rentals/1") for _ in range(2)]
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert await both.cancels_announced() == 1


async def test_a_cancel_before_delivery_heard_the_order_plants_a_tombstone(both: Both) -> None:
    await both.rental.post("/rentals", json={"productId": 5, "qty": 3})
    assert (await both.rental.delete("/rentals/1")).status_code == 200
    await both.delivery_hears(1, 5, 3)
    assert await both.status() == ("CANCELED", "CANCELED")
    assert (await both.delivery.get("/products/5")).json()["qty"] == 9


async def test_a_cancel_that_delivery_cannot_hear_is_refused_and_the_rental_is_as_it_was(both: Both) -> None:
    await both.order()
    await both.wire.cut()
    before = (await both.rental.get("/rentals/1")).json()
    answer = await both.rental.delete("/rentals/1")
    assert refusal(answer) == NOT_NOW
    assert int(answer.headers["retry-after"]) >= 1
    assert (await both.rental.get("/rentals/1")).json() == before
    assert await both.status() == ("ORDERED", "DELIVERED")
    assert await both.cancels_announced() == 0


async def test_a_cancel_that_hangs_is_pending_and_done_when_delivery_answers_again(both: Both) -> None:
    await both.order()
    both.wire.hang()
    answer = await both.rental.delete("/rentals/1")
    assert refusal(answer) == PENDING
    assert int(answer.headers["retry-after"]) >= 1
    assert await both.status() == ("CANCELING", "DELIVERED")
    assert await both.cancels_announced() == 0
    both.wire.move()
    await both.becomes("CANCELED", "CANCELED")
    assert await both.cancels_announced() == 1


async def test_a_cancel_whose_answer_is_lost_is_pending_and_done_by_the_reconciler(both: Both) -> None:
    await both.order()
    both.wire.swallows_answers = True
    assert refusal(await both.rental.delete("/rentals/1")) == PENDING
    assert await both.status() == ("CANCELING", "CANCELED")
    both.wire.swallows_answers = False
    await both.becomes("CANCELED", "CANCELED")
    assert (await both.delivery.get("/products/5")).json()["qty"] == 9


async def test_a_cancel_under_way_is_pending_for_whoever_cancels_too(both: Both) -> None:
    await both.order()
    both.wire.hang()
    answers = await asyncio.gather(*(both.rental.delete("/rentals/1") for _ in range(5)))
    assert {refusal(answer) for answer in answers} == {PENDING}
    both.wire.move()
    await both.becomes("CANCELED", "CANCELED")
    assert await both.cancels_announced() == 1


async def test_many_cancels_at_once_cancel_once(both: Both) -> None:
    await both.order()
    answers = await asyncio.gather(*(both.rental.delete("/rentals/1") for _ in range(10)))
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert 200 in {answer.status_code for answer in answers}
    assert await both.status() == ("CANCELED", "CANCELED")
    assert await both.cancels_announced() == 1
    undone = [event for event in await announced(both.deliveries) if isinstance(event, DeliveryCanceled)]
    assert undone == [DeliveryCanceled(delivery_id=1, rental_id=1, product_id=5, qty=3)]


async def test_an_intent_that_a_crash_left_behind_is_carried_out(both: Both) -> None:
    await both.order()
    await both.rentals.pool.execute(
        """UPDATE rentals SET status = 'CANCELING', cancel_id = gen_random_uuid(), canceling_from = 'ORDERED',
               cancel_due = now()"""
    )
    await both.becomes("CANCELED", "CANCELED")
    assert await both.cancels_announced() == 1


async def test_an_order_that_delivery_refused_meanwhile_cannot_be_cancelled(both: Both) -> None:
    await both.order(qty=10)
    assert refusal(await both.rental.delete("/rentals/1")) == (409, "nothing-to-cancel")
    assert await both.status() == ("ORDERED", "CANCELED_OutOfStock")  # the event is on its way


async def test_a_pending_cancel_of_an_order_that_delivery_refused_ends_where_it_began(both: Both) -> None:
    await both.order(qty=10)
    both.wire.hang()
    assert refusal(await both.rental.delete("/rentals/1")) == PENDING
    both.wire.move()
    await both.becomes("ORDERED", "CANCELED_OutOfStock")


@pytest.mark.parametrize(
    ("fact", "status"),
    [
        (DeliveryCanceled(delivery_id=1, rental_id=1, product_id=5, qty=3), "CANCELED"),
        (OutOfStockRentalCanceled(rental_id=1, product_id=5, qty=3, available=0), "CANCELED_OutOfStock"),
    ],
)
async def test_an_event_of_deliverys_resolves_a_pending_cancel_as_well(
    both: Both, fact: DeliveryCanceled | OutOfStockRentalCanceled, status: str
) -> None:
    await both.order()
    both.wire.hang()
    await both.rental.delete("/rentals/1")
    await both.rental_hears(fact)
    assert (await both.status())[0] == status


async def test_a_delivery_heard_of_during_a_cancel_is_where_a_refused_cancel_goes_back_to(both: Both) -> None:
    await both.order()
    both.wire.hang()
    canceling = asyncio.create_task(both.rental.delete("/rentals/1"))
    await both.becomes("CANCELING", "DELIVERED")
    await both.rental_hears(Delivered(delivery_id=1, rental_id=1, product_id=5, qty=3))
    await canceling
    both.wire.move()
    await both.becomes("CANCELED", "CANCELED")
    [rental] = await rows(both.rentals, "rentals")
    assert rental["delivery_id"] == 1
