"""Stock is conserved: total = available + out, and nothing is ever negative."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from delivery.domain.delivery import (
    CancelDelivery,
    Case,
    Command,
    Delivery,
    NothingToCancelError,
    PlaceOrder,
    Status,
    decide,
    evolve,
)
from delivery.domain.stock import MissingFactError, Stock, follow_product
from shared_events.delivery import StockChanged
from shared_events.product import ProductSaved, StockAdjusted
from tests.support.messages import NOW

NINE = Stock(product_id=1, name="computer", units=9, product_version=1)
RENTALS = st.integers(1, 8)
REGISTERED = ProductSaved(product_id=1, name="computer", qty=9)


def adjusted(delta: int) -> StockAdjusted:
    """Say that units were put in or taken out."""
    return StockAdjusted(product_id=1, delta=delta, reason="counted again")


def test_a_registration_sets_the_stock() -> None:
    assert follow_product(None, REGISTERED, 1) == NINE


def test_another_name_keeps_the_stock() -> None:
    lent = NINE.take(4)
    renamed = follow_product(lent, ProductSaved(product_id=1, name="notebook", qty=9), 2)
    assert renamed == lent.model_copy(update={"name": "notebook", "product_version": 2})


@pytest.mark.parametrize(("delta", "available"), [(5, 10), (-2, 3), (-5, 0)])
def test_an_adjustment_changes_what_is_available_and_not_what_is_out(delta: int, available: int) -> None:
    stock = follow_product(NINE.take(4), adjusted(delta), 2)
    assert stock is not None
    assert (stock.available, stock.out) == (available, 4)


def test_units_taken_out_while_customers_hold_them_leave_when_they_come_back() -> None:
    stock = follow_product(NINE.take(8), adjusted(-5), 2)
    assert stock is not None
    assert (stock.total, stock.out, stock.available) == (8, 8, 0)
    back = stock.give_back(5)
    assert (back.total, back.out, back.available) == (4, 3, 1)


@pytest.mark.parametrize("version", [1, 2])
def test_a_fact_that_is_counted_in_already_changes_nothing(version: int) -> None:
    stock = NINE.model_copy(update={"product_version": 2})
    assert follow_product(stock, adjusted(5), version) is stock


@pytest.mark.parametrize(("stock", "version"), [(NINE, 3), (None, 2)])
def test_a_fact_that_comes_before_an_earlier_one_is_not_counted(stock: Stock | None, version: int) -> None:
    with pytest.raises(MissingFactError):
        follow_product(stock, adjusted(5), version)


def test_an_adjustment_is_no_registration() -> None:
    with pytest.raises(MissingFactError):
        follow_product(None, adjusted(5), 1)


def test_nobody_takes_more_than_there_is_nor_gives_back_more_than_was_out() -> None:
    with pytest.raises(ValueError, match="more than there is"):
        NINE.take(10)
    with pytest.raises(ValueError, match="more than was out"):
        NINE.take(3).give_back(4)


def test_the_stock_says_how_it_stands() -> None:
    assert NINE.take(4).changed() == StockChanged(product_id=1, total=9, out=4, available=5)


@given(st.lists(st.integers(-9, 9), max_size=8), st.data())
def test_facts_that_come_twice_count_once(deltas: list[int], data: st.DataObject) -> None:
    facts: list[ProductSaved | StockAdjusted] = [REGISTERED, *(adjusted(delta) for delta in deltas)]
    stock: Stock | None = None
    for version, fact in enumerate(facts, 1):
        stock = follow_product(stock, fact, version)
        again = data.draw(st.integers(1, version))
        assert follow_product(stock, facts[again - 1], again) is stock
    assert stock is not None
    assert stock.units == 9 + sum(deltas)


@dataclass
class Company:
    """One product's stock and all its deliveries."""

    stock: Stock | None = None
    deliveries: dict[int, Delivery] = field(default_factory=dict)
    facts: list[Any] = field(default_factory=list)

    def carry_out(self, command: Command) -> None:
        """Decide a command and let what follows happen."""
        case = Case(self.deliveries.get(command.rental_id), self.stock)
        for fact in decide(case, command, NOW, timedelta(seconds=2)):
            case = evolve(case, fact)
        if case.delivery:
            self.deliveries[command.rental_id] = case.delivery
        self.stock = case.stock


class Conservation(RuleBasedStateMachine):
    """Any sequence of registering, adjusting, ordering and cancelling, each of them also twice and late."""

    def __init__(self) -> None:
        super().__init__()
        self.company = Company()

    @rule(qty=st.integers(1, 20))
    def register(self, qty: int) -> None:
        fact = ProductSaved(product_id=1, name="computer", qty=qty)
        self.company.facts = self.company.facts or [fact]
        self.company.stock = follow_product(self.company.stock, self.company.facts[0], 1)

    @rule(delta=st.integers(-20, 20))
    def adjust(self, delta: int) -> None:
        stock = self.company.stock
        if stock is None or stock.units + delta < 0:
            return  # product refuses it
        self.company.facts.append(adjusted(delta))
        self.company.stock = follow_product(stock, self.company.facts[-1], len(self.company.facts))

    @rule(data=st.data())
    def hear_again(self, data: st.DataObject) -> None:
        if self.company.stock is not None:
            version = data.draw(st.integers(1, len(self.company.facts)))
            fact = self.company.facts[version - 1]
            assert follow_product(self.company.stock, fact, version) is self.company.stock

    @rule(rental_id=RENTALS, qty=st.integers(1, 12), known=st.booleans())
    def order(self, rental_id: int, qty: int, known: bool) -> None:
        self.company.carry_out(PlaceOrder(rental_id=rental_id, product_id=1, qty=qty, product_known=known))

    @rule(rental_id=RENTALS)
    def cancel(self, rental_id: int) -> None:
        before = self.company.deliveries.get(rental_id)
        try:
            self.company.carry_out(CancelDelivery(rental_id=rental_id))
        except NothingToCancelError:
            assert before is not None
            assert before.status in (Status.CANCELED_OUT_OF_STOCK, Status.CANCELED_UNREGISTERED_PRODUCT)

    @invariant()
    def nothing_is_lost_nor_made_up(self) -> None:
        stock = self.company.stock
        if stock is None:
            return
        with_customers = sum(d.qty for d in self.company.deliveries.values() if d.status is Status.DELIVERED)
        assert stock.out == with_customers
        assert stock.total == stock.available + stock.out
        assert min(stock.total, stock.available, stock.out, stock.units) >= 0
        owned = self.company.facts[0].qty + sum(fact.delta for fact in self.company.facts[1:])
        assert stock.total == max(owned, stock.out)


TestConservation = Conservation.TestCase
