"""What becomes of an order: one decision, made once, whatever comes again, late or too early."""

from datetime import timedelta

import pytest

from delivery.domain.delivery import (
    CancelDelivery,
    Case,
    Command,
    DecideHeld,
    Delivery,
    Fact,
    NothingToCancelError,
    OrderHeld,
    PlaceOrder,
    Status,
    decide,
    evolve,
)
from delivery.domain.stock import Stock
from shared_events.delivery import (
    Delivered,
    DeliveryCanceled,
    OutOfStockRentalCanceled,
    UnregisteredProductRentalCanceled,
)
from tests.support.messages import NOW

GRACE = timedelta(seconds=2)
NINE = Stock(product_id=1, name="computer", units=9, product_version=1)
ORDER = PlaceOrder(rental_id=7, product_id=1, qty=3, product_known=False)
CANCEL = CancelDelivery(rental_id=7)
NOBODY_KNOWS_IT = DecideHeld(rental_id=7, product_surely_unknown=True)
IT_MAY_STILL_COME = DecideHeld(rental_id=7, product_surely_unknown=False)


def follows(case: Case, command: Command) -> list[Fact]:
    """Decide now, with the usual grace."""
    return decide(case, command, NOW, GRACE)


def after(case: Case, *commands: Command) -> Case:
    """Carry commands out, one after the other."""
    for command in commands:
        for fact in follows(case, command):
            case = evolve(case, fact)
    return case


def delivery(status: Status, **changes: object) -> Delivery:
    """Make a delivery of three computers that stands so."""
    announced = 0 if status is Status.WAITING else 1
    made = Delivery(id=7, product_id=1, qty=3, status=status, announced=announced)
    return made.model_copy(update=changes)


def test_an_order_is_delivered_from_stock() -> None:
    case = Case(None, NINE)
    assert follows(case, ORDER) == [Delivered(delivery_id=7, rental_id=7, product_id=1, qty=3)]
    assert after(case, ORDER) == Case(delivery(Status.DELIVERED), NINE.model_copy(update={"out": 3}))


def test_an_order_of_all_that_is_left_is_delivered() -> None:
    case = after(Case(None, NINE), ORDER.model_copy(update={"qty": 9}))
    assert case.stock is not None
    assert case.stock.available == 0


def test_an_order_of_more_than_is_left_is_refused_and_takes_nothing() -> None:
    order = ORDER.model_copy(update={"qty": 10})
    case = Case(None, NINE)
    assert follows(case, order) == [OutOfStockRentalCanceled(rental_id=7, product_id=1, qty=10, available=9)]
    assert after(case, order) == Case(delivery(Status.CANCELED_OUT_OF_STOCK, qty=10), NINE)


@pytest.mark.parametrize("status", Status)
def test_an_order_that_comes_again_changes_nothing(status: Status) -> None:
    assert follows(Case(delivery(status), NINE), ORDER) == []


def test_an_order_of_a_product_that_nobody_knows_yet_waits_for_a_grace() -> None:
    held = OrderHeld(rental_id=7, product_id=1, qty=3, decide_by=NOW + GRACE)
    assert follows(Case(None, None), ORDER) == [held]
    waiting = delivery(Status.WAITING, decide_by=NOW + GRACE)
    assert after(Case(None, None), ORDER) == Case(waiting, None)


def test_an_order_of_a_product_that_rental_knows_waits_without_end() -> None:
    known = ORDER.model_copy(update={"product_known": True})
    waiting = after(Case(None, None), known)
    assert waiting == Case(delivery(Status.WAITING), None)
    assert follows(waiting, NOBODY_KNOWS_IT) == []


def test_a_waiting_order_whose_product_surely_does_not_come_is_unregistered() -> None:
    waiting = after(Case(None, None), ORDER)
    refused = UnregisteredProductRentalCanceled(rental_id=7, product_id=1, qty=3)
    assert follows(waiting, NOBODY_KNOWS_IT) == [refused]
    assert after(waiting, NOBODY_KNOWS_IT) == Case(delivery(Status.CANCELED_UNREGISTERED_PRODUCT), None)


def test_a_waiting_order_whose_product_may_still_come_goes_on_waiting() -> None:
    assert follows(after(Case(None, None), ORDER), IT_MAY_STILL_COME) == []


@pytest.mark.parametrize("look", [NOBODY_KNOWS_IT, IT_MAY_STILL_COME])
def test_a_waiting_order_is_judged_as_soon_as_its_product_came(look: DecideHeld) -> None:
    waiting = after(Case(None, None), ORDER).delivery
    assert follows(Case(waiting, NINE), look) == [Delivered(delivery_id=7, rental_id=7, product_id=1, qty=3)]
    two = NINE.model_copy(update={"units": 2})
    assert follows(Case(waiting, two), look) == [
        OutOfStockRentalCanceled(rental_id=7, product_id=1, qty=3, available=2)
    ]
    decided = after(Case(waiting, NINE), look).delivery
    assert decided == delivery(Status.DELIVERED)


@pytest.mark.parametrize("known", [None, *(delivery(s) for s in Status if s is not Status.WAITING)])
def test_only_a_waiting_order_is_looked_at_again(known: Delivery | None) -> None:
    assert follows(Case(known, NINE), NOBODY_KNOWS_IT) == []


def test_cancelling_gives_the_stock_back_and_keeps_the_product() -> None:
    delivered = after(Case(None, NINE), ORDER)
    assert follows(delivered, CANCEL) == [DeliveryCanceled(delivery_id=7, rental_id=7, product_id=1, qty=3)]
    assert after(delivered, CANCEL) == Case(delivery(Status.CANCELED, announced=2), NINE)


def test_cancelling_a_waiting_order_gives_nothing_back_for_nothing_was_taken() -> None:
    waiting = after(Case(None, None), ORDER)
    assert follows(waiting, CANCEL) == [DeliveryCanceled(delivery_id=7, rental_id=7, product_id=1, qty=0)]
    assert after(waiting, CANCEL) == Case(delivery(Status.CANCELED), None)
    assert follows(after(waiting, CANCEL), NOBODY_KNOWS_IT) == []


def test_a_cancel_before_the_order_leaves_a_tombstone() -> None:
    assert follows(Case(None, None), CANCEL) == [
        DeliveryCanceled(delivery_id=7, rental_id=7, product_id=None, qty=0)
    ]
    tombstone = Delivery(id=7, product_id=None, qty=0, status=Status.CANCELED, announced=1)
    assert after(Case(None, None), CANCEL) == Case(tombstone, None)


def test_an_order_that_finds_a_tombstone_is_never_delivered() -> None:
    tombstone = after(Case(None, None), CANCEL).delivery
    assert follows(Case(tombstone, NINE), ORDER) == []


def test_cancelling_again_is_the_same_success() -> None:
    canceled = after(Case(None, NINE), ORDER, CANCEL)
    assert follows(canceled, CANCEL) == []


@pytest.mark.parametrize("status", [Status.CANCELED_OUT_OF_STOCK, Status.CANCELED_UNREGISTERED_PRODUCT])
def test_what_was_refused_cannot_be_cancelled(status: Status) -> None:
    with pytest.raises(NothingToCancelError):
        follows(Case(delivery(status), NINE), CANCEL)


@pytest.mark.parametrize(
    "fact",
    [
        Delivered(delivery_id=7, rental_id=7, product_id=1, qty=3),
        DeliveryCanceled(delivery_id=7, rental_id=7, product_id=1, qty=3),
    ],
)
def test_stock_that_does_not_exist_is_neither_taken_nor_given_back(fact: Fact) -> None:
    with pytest.raises(ValueError, match="no stock"):
        evolve(Case(delivery(Status.DELIVERED), None), fact)
