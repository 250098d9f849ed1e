"""What becomes of an order: delivered, refused, or cancelled. Pure.

There is one delivery per rental, and its id is the rental's: a second one cannot even be written down.
`decide` and `evolve` look at a delivery and its product's stock together, as one transaction changes both.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, assert_never

from pydantic import BaseModel, ConfigDict

from delivery.domain.stock import Stock
from shared_events.delivery import (
    Delivered,
    DeliveryCanceled,
    OutOfStockRentalCanceled,
    UnregisteredProductRentalCanceled,
)


class Status(StrEnum):
    """How a delivery stands."""

    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    CANCELED = "CANCELED"
    CANCELED_OUT_OF_STOCK = "CANCELED_OutOfStock"
    CANCELED_UNREGISTERED_PRODUCT = "CANCELED_UnregisteredProduct"


class Value(BaseModel):
    """A frozen value."""

    model_config = ConfigDict(frozen=True)


class Delivery(Value):
    """What delivery knows of one rental. Without a product it is a tombstone: cancelled before it came."""

    id: int
    product_id: int | None
    qty: int
    status: Status
    decide_by: datetime | None = None
    """When a WAITING order is refused, unless its product comes; None: it surely comes, so wait for it."""
    announced: int = 0
    """Counts the facts announced about it."""
    version: int = 0
    """Changes with every save, so that a stale save is noticed."""


class Case(NamedTuple):
    """What is looked at when an order is decided."""

    delivery: Delivery | None
    stock: Stock | None


class PlaceOrder(Value):
    """A customer ordered."""

    rental_id: int
    product_id: int
    qty: int
    product_known: bool


class DecideHeld(Value):
    """Look again at an order that waits for its product."""

    rental_id: int
    product_surely_unknown: bool
    """Everything that product had announced by the end of the grace has been heard."""


class CancelDelivery(Value):
    """Rental's customer cancels."""

    rental_id: int


class OrderHeld(Value):
    """The product is not known yet, so the order waits for it a moment. Known to delivery only."""

    rental_id: int
    product_id: int
    qty: int
    decide_by: datetime | None


Command = PlaceOrder | DecideHeld | CancelDelivery
PublicFact = Delivered | OutOfStockRentalCanceled | UnregisteredProductRentalCanceled | DeliveryCanceled
Fact = PublicFact | OrderHeld


class NothingToCancelError(Exception):
    """The order was refused, so there is no delivery to cancel."""


def decide(case: Case, command: Command, now: datetime, grace: timedelta) -> list[Fact]:
    """Answer a command with the facts that follow from it."""
    match command:
        case PlaceOrder():
            return _place(case, command, now, grace)
        case DecideHeld():
            return _decide_held(case, command)
        case CancelDelivery():
            return _cancel(case, command)
        case _:
            assert_never(command)


def _place(case: Case, order: PlaceOrder, now: datetime, grace: timedelta) -> list[Fact]:
    if case.delivery is not None:
        return []  # decided before, or cancelled before it came
    if case.stock is not None:
        return [_judge(order.rental_id, order.qty, case.stock)]
    decide_by = None if order.product_known else now + grace
    return [
        OrderHeld(rental_id=order.rental_id, product_id=order.product_id, qty=order.qty, decide_by=decide_by)
    ]


def _decide_held(case: Case, command: DecideHeld) -> list[Fact]:
    held = case.delivery
    if held is None or held.status is not Status.WAITING or held.product_id is None:
        return []
    if case.stock is not None:
        return [_judge(held.id, held.qty, case.stock)]
    if command.product_surely_unknown and held.decide_by is not None:
        return [
            UnregisteredProductRentalCanceled(rental_id=held.id, product_id=held.product_id, qty=held.qty)
        ]
    return []


def _judge(rental_id: int, qty: int, stock: Stock) -> Fact:
    if qty <= stock.available:
        return Delivered(delivery_id=rental_id, rental_id=rental_id, product_id=stock.product_id, qty=qty)
    return OutOfStockRentalCanceled(
        rental_id=rental_id, product_id=stock.product_id, qty=qty, available=stock.available
    )


def _cancel(case: Case, command: CancelDelivery) -> list[Fact]:
    known = case.delivery
    if known is None:
        return [
            DeliveryCanceled(
                delivery_id=command.rental_id, rental_id=command.rental_id, product_id=None, qty=0
            )
        ]
    match known.status:
        case Status.CANCELED:
            return []
        case Status.DELIVERED | Status.WAITING:
            given_back = known.qty if known.status is Status.DELIVERED else 0
            return [
                DeliveryCanceled(
                    delivery_id=known.id, rental_id=known.id, product_id=known.product_id, qty=given_back
                )
            ]
        case Status.CANCELED_OUT_OF_STOCK | Status.CANCELED_UNREGISTERED_PRODUCT:
            raise NothingToCancelError
        case _:
            assert_never(known.status)


def evolve(case: Case, fact: Fact) -> Case:
    """Let a fact change the delivery, and the stock with it."""
    stock = case.stock
    match fact:
        case OrderHeld(rental_id=rental_id, product_id=product_id, qty=qty, decide_by=decide_by):
            held = Delivery(
                id=rental_id, product_id=product_id, qty=qty, status=Status.WAITING, decide_by=decide_by
            )
            return Case(held, stock)
        case Delivered(qty=qty):
            if stock is None:
                raise ValueError("delivered from no stock")
            return Case(_became(case.delivery, fact, Status.DELIVERED), stock.take(qty))
        case OutOfStockRentalCanceled():
            return Case(_became(case.delivery, fact, Status.CANCELED_OUT_OF_STOCK), stock)
        case UnregisteredProductRentalCanceled():
            return Case(_became(case.delivery, fact, Status.CANCELED_UNREGISTERED_PRODUCT), stock)
        case DeliveryCanceled(qty=qty):
            if qty and stock is None:
                raise ValueError("given back to no stock")
            given_back = stock.give_back(qty) if stock and qty else stock
            return Case(_became(case.delivery, fact, Status.CANCELED), given_back)
        case _:
            assert_never(fact)


def _became(delivery: Delivery | None, fact: PublicFact, status: Status) -> Delivery:
    if delivery is None:
        return Delivery(
            id=fact.rental_id, product_id=fact.product_id, qty=fact.qty, status=status, announced=1
        )
    return delivery.model_copy(
        update={"status": status, "decide_by": None, "announced": delivery.announced + 1}
    )
