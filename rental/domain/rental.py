"""What a rental is and how it lives: pure.

`TRANSITIONS` is its whole life at a glance. What happened is either announced by rental itself
(shared_events.rental), or heard from delivery (shared_events.delivery), or known to rental only
(the three facts of a cancel under way, below).
"""

from datetime import datetime
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared_events.delivery import (
    Delivered,
    DeliveryCanceled,
    OutOfStockRentalCanceled,
    UnregisteredProductRentalCanceled,
)
from shared_events.rental import RentalCanceled, RentalOrdered


class Status(StrEnum):
    """How an order stands."""

    ORDERED = "ORDERED"
    DELIVERED = "DELIVERED"
    CANCELING = "CANCELING"
    CANCELED = "CANCELED"
    CANCELED_OUT_OF_STOCK = "CANCELED_OutOfStock"
    CANCELED_UNREGISTERED_PRODUCT = "CANCELED_UnregisteredProduct"


class Value(BaseModel):
    """A frozen value."""

    model_config = ConfigDict(frozen=True)


class Rental(Value):
    """An order of a customer, and what became of it."""

    id: int
    product_id: int
    product_name: str | None
    qty: int
    status: Status
    delivery_id: int | None = None
    cancel_id: UUID | None = None
    """The attempt to cancel that is under way."""
    cancel_due: datetime | None = None
    """When another attempt may begin, as this one must be over by then."""
    canceling_from: Status | None = None
    """Where a cancel that delivery never heard of goes back to."""
    announced: int = 0
    """Counts the facts that rental announced about it."""
    version: int = 0
    """Changes with every save, so that a stale save is noticed."""


class CancelBegun(Value):
    """The customer's intent is stored; delivery is about to be called."""

    cancel_id: UUID
    due: datetime


class CancelRepeated(Value):
    """Nobody knows whether delivery heard the call, so it is called again."""

    cancel_id: UUID
    due: datetime


class CancelUnheard(Value):
    """Delivery certainly did not hear the call."""


DeliveryFact = Delivered | OutOfStockRentalCanceled | UnregisteredProductRentalCanceled | DeliveryCanceled
Fact = RentalOrdered | RentalCanceled | DeliveryFact | CancelBegun | CancelRepeated | CancelUnheard

TRANSITIONS: dict[tuple[Status, type[Fact]], Status | None] = {
    (Status.ORDERED, Delivered): Status.DELIVERED,
    (Status.ORDERED, OutOfStockRentalCanceled): Status.CANCELED_OUT_OF_STOCK,
    (Status.ORDERED, UnregisteredProductRentalCanceled): Status.CANCELED_UNREGISTERED_PRODUCT,
    (Status.ORDERED, CancelBegun): Status.CANCELING,
    (Status.DELIVERED, CancelBegun): Status.CANCELING,
    (Status.CANCELING, CancelRepeated): Status.CANCELING,
    (Status.CANCELING, CancelUnheard): None,  # back to where it was
    (Status.CANCELING, RentalCanceled): Status.CANCELED,
    # Delivery's answers that overtake one another while a cancel is under way:
    (Status.CANCELING, Delivered): Status.CANCELING,
    (Status.CANCELING, OutOfStockRentalCanceled): Status.CANCELED_OUT_OF_STOCK,
    (Status.CANCELING, UnregisteredProductRentalCanceled): Status.CANCELED_UNREGISTERED_PRODUCT,
    # The delivery that a cancel undid, heard of only after delivery's answer to the cancel:
    (Status.CANCELED, Delivered): Status.CANCELED,
    # A cancel that another attempt had brought to delivery after all:
    (Status.ORDERED, RentalCanceled): Status.CANCELED,
    (Status.DELIVERED, RentalCanceled): Status.CANCELED,
}
"""From a status, on a fact, to a status. What is not here changes nothing: it came twice, or too late."""


CANCELABLE = frozenset(status for status, fact in TRANSITIONS if fact is CancelBegun)
"""From where a cancel can begin."""


class AlreadyDecidedError(Exception):
    """The order did not stand anyway, so there is nothing to cancel."""


class CancelUnderWayError(Exception):
    """Somebody else's cancel of this rental has not ended yet."""


def order(
    rental_id: int, product_id: int, qty: int, known_name: str | None, said_name: str | None
) -> RentalOrdered:
    """Take an order. Whether the product exists is delivery's to judge, so an order is never refused here."""
    return RentalOrdered(
        rental_id=rental_id,
        product_id=product_id,
        product_name=known_name or said_name,
        qty=qty,
        product_known=known_name is not None,
    )


def begin_cancel(rental: Rental, cancel_id: UUID, due: datetime) -> list[Fact]:
    """Begin a cancel; nothing follows where it was cancelled before."""
    match rental.status:
        case Status.ORDERED | Status.DELIVERED:
            return [CancelBegun(cancel_id=cancel_id, due=due)]
        case Status.CANCELED:
            return []
        case Status.CANCELING:
            raise CancelUnderWayError
        case Status.CANCELED_OUT_OF_STOCK | Status.CANCELED_UNREGISTERED_PRODUCT:
            raise AlreadyDecidedError
        case _:
            assert_never(rental.status)


def repeat_cancel(rental: Rental, cancel_id: UUID, due: datetime) -> list[Fact]:
    """Take over a cancel whose outcome is not known."""
    return [CancelRepeated(cancel_id=cancel_id, due=due)] if rental.status is Status.CANCELING else []


def give_up_cancel(rental: Rental, cancel_id: UUID) -> list[Fact]:
    """End a cancel that delivery did not hear, unless another attempt took it over meanwhile."""
    return [CancelUnheard()] if rental.cancel_id == cancel_id else []


def confirm_cancel(rental: Rental) -> list[Fact]:
    """Let the cancel stand, for delivery is cancelled."""
    if (rental.status, RentalCanceled) not in TRANSITIONS:
        return []
    return [RentalCanceled(rental_id=rental.id, product_id=rental.product_id, qty=rental.qty)]


def hear_delivery(rental: Rental, fact: DeliveryFact) -> list[Fact]:
    """Follow delivery, the judge of every order."""
    return confirm_cancel(rental) if isinstance(fact, DeliveryCanceled) else [fact]


_NO_ATTEMPT: dict[str, object] = {"cancel_id": None, "cancel_due": None, "canceling_from": None}


def ordered(fact: RentalOrdered) -> Rental:
    """Begin a rental."""
    return Rental(
        id=fact.rental_id,
        product_id=fact.product_id,
        product_name=fact.product_name,
        qty=fact.qty,
        status=Status.ORDERED,
        announced=1,
    )


def evolve(rental: Rental, fact: Fact) -> Rental:
    """Let a fact change the rental."""
    if (rental.status, type(fact)) not in TRANSITIONS:
        return rental
    status = TRANSITIONS[rental.status, type(fact)] or rental.canceling_from
    return rental.model_copy(update={"status": status, **_details(rental, fact)})


def _details(rental: Rental, fact: Fact) -> dict[str, object]:
    """Name what a fact changes beside the status."""
    match fact:
        case Delivered(delivery_id=delivery_id):
            if rental.status is Status.CANCELING:
                return {"delivery_id": delivery_id, "canceling_from": Status.DELIVERED}
            return {"delivery_id": delivery_id}
        case CancelBegun(cancel_id=cancel_id, due=due):
            return {"cancel_id": cancel_id, "cancel_due": due, "canceling_from": rental.status}
        case CancelRepeated(cancel_id=cancel_id, due=due):
            return {"cancel_id": cancel_id, "cancel_due": due}
        case RentalCanceled():
            return _NO_ATTEMPT | {"announced": rental.announced + 1}
        case CancelUnheard() | OutOfStockRentalCanceled() | UnregisteredProductRentalCanceled():
            return _NO_ATTEMPT
        case RentalOrdered() | DeliveryCanceled():
            return {}
        case _:
            assert_never(fact)
