"""What a product is, what may be asked of it, and what follows: pure."""

from typing import assert_never

from pydantic import BaseModel, ConfigDict, Field

from shared_events.product import ProductSaved, StockAdjusted

MOST_UNITS = 1_000_000_000

Fact = ProductSaved | StockAdjusted


class Value(BaseModel):
    """A frozen value."""

    model_config = ConfigDict(frozen=True)


class Product(Value):
    """A product of the catalogue. `units` is what the product team says the company owns."""

    id: int
    name: str
    initial_qty: int = Field(ge=0)
    units: int = Field(ge=0)
    version: int = Field(ge=1)
    """Counts the facts announced about it."""


class Register(Value):
    """Take a product into the catalogue."""

    id: int
    name: str
    qty: int


class Revise(Value):
    """Give a product another name."""

    name: str


class AdjustStock(Value):
    """Put units in, or take them out, for a reason."""

    delta: int
    reason: str


Command = Register | Revise | AdjustStock


class NotThatManyUnitsError(Exception):
    """The adjustment would leave less than no units, or more than we can count."""

    def __init__(self, units: int) -> None:
        super().__init__(f"there are {units} units")
        self.units = units


def decide(product: Product | None, command: Command) -> list[Fact]:
    """Answer a command with the facts that follow from it."""
    if product is None:
        if not isinstance(command, Register):
            raise LookupError("no such product")
        return [ProductSaved(product_id=command.id, name=command.name, qty=command.qty)]
    match command:
        case Register():
            raise ValueError("a product is registered once")
        case Revise(name=name):
            if name == product.name:
                return []
            return [ProductSaved(product_id=product.id, name=name, qty=product.initial_qty)]
        case AdjustStock(delta=delta, reason=reason):
            if not 0 <= product.units + delta <= MOST_UNITS:
                raise NotThatManyUnitsError(product.units)
            return [StockAdjusted(product_id=product.id, delta=delta, reason=reason)]
        case _:
            assert_never(command)


def evolve(product: Product | None, fact: Fact) -> Product:
    """Let a fact change the product."""
    match fact:
        case ProductSaved(product_id=product_id, name=name, qty=qty):
            if product is None:
                return Product(id=product_id, name=name, initial_qty=qty, units=qty, version=1)
            return product.model_copy(update={"name": name, "version": product.version + 1})
        case StockAdjusted(delta=delta):
            if product is None:
                raise LookupError("stock of no product")
            return product.model_copy(update={"units": product.units + delta, "version": product.version + 1})
        case _:
            assert_never(fact)
