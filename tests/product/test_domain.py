"""A product: registered once, renamed, counted; never fewer than no units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from product.domain.product import (
    MOST_UNITS,
    AdjustStock,
    Command,
    Fact,
    NotThatManyUnitsError,
    Product,
    Register,
    Revise,
    decide,
    evolve,
)
from shared_events.product import ProductSaved, StockAdjusted

COMPUTER = Product(id=1, name="computer", initial_qty=9, units=9, version=1)


def after(product: Product | None, *commands: Command) -> Product | None:
    """Carry commands out, one after the other."""
    for command in commands:
        for fact in decide(product, command):
            product = evolve(product, fact)
    return product


def test_registering_announces_name_and_quantity() -> None:
    assert decide(None, Register(id=1, name="computer", qty=9)) == [
        ProductSaved(product_id=1, name="computer", qty=9)
    ]


def test_a_registered_product_has_the_units_it_was_registered_with() -> None:
    assert after(None, Register(id=1, name="computer", qty=9)) == COMPUTER


def test_a_product_is_registered_once() -> None:
    with pytest.raises(ValueError, match="registered once"):
        decide(COMPUTER, Register(id=1, name="computer", qty=9))


@pytest.mark.parametrize("command", [Revise(name="x"), AdjustStock(delta=1, reason="found one")])
def test_what_was_not_registered_cannot_be_changed(command: Command) -> None:
    with pytest.raises(LookupError):
        decide(None, command)


def test_revising_announces_the_new_name_and_the_quantity_of_the_registration() -> None:
    adjusted = COMPUTER.model_copy(update={"units": 3})
    assert decide(adjusted, Revise(name="notebook")) == [ProductSaved(product_id=1, name="notebook", qty=9)]


def test_revising_keeps_the_units() -> None:
    adjusted = COMPUTER.model_copy(update={"units": 3})
    assert after(adjusted, Revise(name="notebook")) == adjusted.model_copy(
        update={"name": "notebook", "version": 2}
    )


def test_the_name_that_it_has_already_is_no_news() -> None:
    assert decide(COMPUTER, Revise(name="computer")) == []


@pytest.mark.parametrize(("delta", "units"), [(3, 12), (-2, 7), (-9, 0)])
def test_an_adjustment_changes_the_units_and_says_why(delta: int, units: int) -> None:
    command = AdjustStock(delta=delta, reason="counted again")
    assert decide(COMPUTER, command) == [StockAdjusted(product_id=1, delta=delta, reason="counted again")]
    assert after(COMPUTER, command) == COMPUTER.model_copy(update={"units": units, "version": 2})


@pytest.mark.parametrize("delta", [-10, MOST_UNITS - 8])
def test_an_adjustment_to_less_than_nothing_or_beyond_counting_is_refused(delta: int) -> None:
    with pytest.raises(NotThatManyUnitsError) as refused:
        decide(COMPUTER, AdjustStock(delta=delta, reason="a mistake"))
    assert refused.value.units == 9


def test_the_stock_of_no_product_cannot_change() -> None:
    with pytest.raises(LookupError):
        evolve(None, StockAdjusted(product_id=1, delta=1, reason="found one"))


@given(st.lists(st.one_of(st.integers(-20, 20), st.sampled_from(["computer", "notebook", "printer"]))))
def test_every_fact_counts_one_version_and_the_units_are_the_sum_of_the_adjustments(
    wishes: list[int | str],
) -> None:
    product, facts = COMPUTER, list[Fact]()
    for wish in wishes:
        command = Revise(name=wish) if isinstance(wish, str) else AdjustStock(delta=wish, reason="why not")
        try:
            decided = decide(product, command)
        except NotThatManyUnitsError:
            continue
        for fact in decided:
            product = evolve(product, fact)
        facts += decided
    assert product.version == 1 + len(facts)
    assert product.units == 9 + sum(fact.delta for fact in facts if isinstance(fact, StockAdjusted)) >= 0
