"""A rental's life: every step that TRANSITIONS allows, and none of the others."""

from datetime import timedelta
from itertools import product
from typing import Any, get_args
from uuid import UUID

import pytest

from rental.domain.rental import (
    CANCELABLE,
    TRANSITIONS,
    AlreadyDecidedError,
    CancelBegun,
    CancelRepeated,
    CancelUnderWayError,
    CancelUnheard,
    Fact,
    Rental,
    Status,
    begin_cancel,
    confirm_cancel,
    evolve,
    give_up_cancel,
    hear_delivery,
    order,
    ordered,
    repeat_cancel,
)
from shared_events.delivery import (
    Delivered,
    DeliveryCanceled,
    OutOfStockRentalCanceled,
    UnregisteredProductRentalCanceled,
)
from shared_events.rental import RentalCanceled, RentalOrdered
from tests.support.messages import NOW

FIRST, SECOND = UUID(int=1), UUID(int=2)
DUE = NOW + timedelta(seconds=2)

FACTS: dict[type[Fact], Any] = {
    RentalOrdered: RentalOrdered(rental_id=3, product_id=1, product_name="pc", qty=2, product_known=True),
    RentalCanceled: RentalCanceled(rental_id=3, product_id=1, qty=2),
    Delivered: Delivered(delivery_id=3, rental_id=3, product_id=1, qty=2),
    OutOfStockRentalCanceled: OutOfStockRentalCanceled(rental_id=3, product_id=1, qty=2, available=1),
    UnregisteredProductRentalCanceled: UnregisteredProductRentalCanceled(rental_id=3, product_id=1, qty=2),
    DeliveryCanceled: DeliveryCanceled(delivery_id=3, rental_id=3, product_id=1, qty=2),
    CancelBegun: CancelBegun(cancel_id=SECOND, due=DUE),
    CancelRepeated: CancelRepeated(cancel_id=SECOND, due=DUE),
    CancelUnheard: CancelUnheard(),
}

# The table of domain.md, written down a second time: a change of TRANSITIONS has to be meant.
EXPECTED: dict[tuple[Status, type[Fact]], Status] = {
    (Status.ORDERED, Delivered): Status.DELIVERED,
    (Status.ORDERED, OutOfStockRentalCanceled): Status.CANCELED_OUT_OF_STOCK,
    (Status.ORDERED, UnregisteredProductRentalCanceled): Status.CANCELED_UNREGISTERED_PRODUCT,
    (Status.ORDERED, CancelBegun): Status.CANCELING,
    (Status.ORDERED, RentalCanceled): Status.CANCELED,
    (Status.DELIVERED, CancelBegun): Status.CANCELING,
    (Status.DELIVERED, RentalCanceled): Status.CANCELED,
    (Status.CANCELING, CancelRepeated): Status.CANCELING,
    (Status.CANCELING, CancelUnheard): Status.ORDERED,
    (Status.CANCELING, RentalCanceled): Status.CANCELED,
    (Status.CANCELING, Delivered): Status.CANCELING,
    (Status.CANCELING, OutOfStockRentalCanceled): Status.CANCELED_OUT_OF_STOCK,
    (Status.CANCELING, UnregisteredProductRentalCanceled): Status.CANCELED_UNREGISTERED_PRODUCT,
    # Delivery's fact that comes after our cancel stood only completes the record:
    (Status.CANCELED, Delivered): Status.CANCELED,
}
FINAL = [Status.CANCELED, Status.CANCELED_OUT_OF_STOCK, Status.CANCELED_UNREGISTERED_PRODUCT]
CHANGES_NOTHING = [pair for pair in product(Status, FACTS) if pair not in EXPECTED]


def rental(status: Status) -> Rental:
    """Make a rental that stands so; a cancel under way began when it was ordered."""
    just_ordered = Rental(
        id=3, product_id=1, product_name="pc", qty=2, status=Status.ORDERED, announced=1, version=1
    )
    if status is Status.CANCELING:
        return evolve(just_ordered, CancelBegun(cancel_id=FIRST, due=NOW))
    delivery_id = 3 if status is Status.DELIVERED else None
    return just_ordered.model_copy(update={"status": status, "delivery_id": delivery_id})


def named(pair: tuple[Status, type[Fact]]) -> str:
    """Name a case."""
    return f"{pair[0]}-{pair[1].__name__}"


def test_the_table_of_transitions_is_the_one_of_the_domain() -> None:
    written = {pair: status or Status.ORDERED for pair, status in TRANSITIONS.items()}
    assert written == EXPECTED


def test_every_kind_of_fact_is_tried_here() -> None:
    assert set(get_args(Fact)) == set(FACTS)


@pytest.mark.parametrize("pair", EXPECTED, ids=named)
def test_on_this_fact_a_rental_goes_to(pair: tuple[Status, type[Fact]]) -> None:
    status, fact = pair
    assert evolve(rental(status), FACTS[fact]).status is EXPECTED[pair]


@pytest.mark.parametrize("pair", CHANGES_NOTHING, ids=named)
def test_this_fact_changes_nothing_for_it_came_twice_or_too_late(pair: tuple[Status, type[Fact]]) -> None:
    status, fact = pair
    before = rental(status)
    assert evolve(before, FACTS[fact]) is before


@pytest.mark.parametrize("status", FINAL)
def test_a_final_rental_stays_as_it_is_whatever_happens(status: Status) -> None:
    before = rental(status)
    for fact in FACTS.values():
        assert evolve(before, fact).model_copy(update={"delivery_id": before.delivery_id}) == before


def test_an_order_of_a_product_that_rental_knows_takes_the_name_that_rental_knows() -> None:
    assert order(3, 1, 2, "computer", "what the customer says") == RentalOrdered(
        rental_id=3, product_id=1, product_name="computer", qty=2, product_known=True
    )


@pytest.mark.parametrize("said", ["computer", None])
def test_an_order_of_an_unknown_product_is_taken_as_the_customer_says(said: str | None) -> None:
    assert order(3, 22, 2, None, said) == RentalOrdered(
        rental_id=3, product_id=22, product_name=said, qty=2, product_known=False
    )


def test_an_order_begins_as_ordered_with_one_fact_announced() -> None:
    assert ordered(FACTS[RentalOrdered]) == rental(Status.ORDERED).model_copy(update={"version": 0})


def test_a_delivery_is_remembered() -> None:
    assert evolve(rental(Status.ORDERED), FACTS[Delivered]).delivery_id == 3


@pytest.mark.parametrize("status", [Status.ORDERED, Status.DELIVERED])
def test_beginning_a_cancel_stores_the_intent_and_where_it_came_from(status: Status) -> None:
    facts = begin_cancel(rental(status), FIRST, DUE)
    assert facts == [CancelBegun(cancel_id=FIRST, due=DUE)]
    begun = evolve(rental(status), facts[0])
    assert (begun.cancel_id, begun.cancel_due, begun.canceling_from) == (FIRST, DUE, status)


def test_cancelling_what_is_cancelled_is_the_same_success() -> None:
    assert begin_cancel(rental(Status.CANCELED), FIRST, DUE) == []


@pytest.mark.parametrize("status", [Status.CANCELED_OUT_OF_STOCK, Status.CANCELED_UNREGISTERED_PRODUCT])
def test_what_was_refused_cannot_be_cancelled(status: Status) -> None:
    with pytest.raises(AlreadyDecidedError):
        begin_cancel(rental(status), FIRST, DUE)


def test_a_second_cancel_waits_for_the_first() -> None:
    with pytest.raises(CancelUnderWayError):
        begin_cancel(rental(Status.CANCELING), SECOND, DUE)


@pytest.mark.parametrize("status", [Status.ORDERED, Status.DELIVERED])
def test_a_cancel_that_delivery_did_not_hear_leaves_no_trace(status: Status) -> None:
    before = rental(status)
    begun = evolve(before, CancelBegun(cancel_id=FIRST, due=DUE))
    [unheard] = give_up_cancel(begun, FIRST)
    assert evolve(begun, unheard) == before


def test_a_cancel_that_another_attempt_took_over_is_not_given_up() -> None:
    taken_over = evolve(rental(Status.CANCELING), CancelRepeated(cancel_id=SECOND, due=DUE))
    assert give_up_cancel(taken_over, FIRST) == []


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.CANCELING])
def test_only_a_cancel_under_way_can_be_given_up_or_repeated(status: Status) -> None:
    assert give_up_cancel(rental(status), FIRST) == []
    assert repeat_cancel(rental(status), FIRST, DUE) == []


def test_repeating_a_cancel_is_a_new_attempt_with_time_of_its_own_from_the_same_place() -> None:
    before = rental(Status.CANCELING)
    [repeated] = repeat_cancel(before, SECOND, DUE)
    assert evolve(before, repeated) == before.model_copy(update={"cancel_id": SECOND, "cancel_due": DUE})


@pytest.mark.parametrize("status", [Status.ORDERED, Status.DELIVERED, Status.CANCELING])
def test_a_cancel_that_stands_is_announced_once_and_ends_the_attempt(status: Status) -> None:
    [fact] = confirm_cancel(rental(status))
    assert fact == RentalCanceled(rental_id=3, product_id=1, qty=2)
    canceled = evolve(rental(status), fact)
    assert (canceled.cancel_id, canceled.cancel_due, canceled.canceling_from) == (None, None, None)
    assert canceled.announced == 2
    assert confirm_cancel(canceled) == []


@pytest.mark.parametrize("status", FINAL)
def test_what_is_final_does_not_confirm_a_cancel(status: Status) -> None:
    assert confirm_cancel(rental(status)) == []


@pytest.mark.parametrize("status", Status)
def test_delivery_canceled_is_heard_as_the_confirmation_of_the_cancel(status: Status) -> None:
    assert hear_delivery(rental(status), FACTS[DeliveryCanceled]) == confirm_cancel(rental(status))


@pytest.mark.parametrize("fact", [Delivered, OutOfStockRentalCanceled, UnregisteredProductRentalCanceled])
def test_what_delivery_decides_is_followed_and_not_announced_again(fact: type[Fact]) -> None:
    heard = FACTS[fact]
    assert hear_delivery(rental(Status.ORDERED), heard) == [heard]
    assert evolve(rental(Status.ORDERED), heard).announced == 1


def test_a_delivery_during_a_cancel_moves_the_place_to_go_back_to() -> None:
    during = evolve(rental(Status.CANCELING), FACTS[Delivered])
    assert (during.status, during.delivery_id, during.cancel_id) == (Status.CANCELING, 3, FIRST)
    assert evolve(during, CancelUnheard()) == rental(Status.DELIVERED)


@pytest.mark.parametrize("fact", [OutOfStockRentalCanceled, UnregisteredProductRentalCanceled])
def test_a_refusal_during_a_cancel_ends_the_cancel(fact: type[Fact]) -> None:
    refused = evolve(rental(Status.CANCELING), FACTS[fact])
    assert (refused.cancel_id, refused.cancel_due, refused.canceling_from) == (None, None, None)


@pytest.mark.parametrize("status", Status)
def test_a_cancel_is_offered_exactly_where_it_can_begin(status: Status) -> None:
    try:
        facts = begin_cancel(rental(status), SECOND, DUE)
    except (AlreadyDecidedError, CancelUnderWayError):
        facts = []
    assert (status in CANCELABLE) == bool(facts)
