"""The stock of a product: how many units there are, and who may have one. Pure.

Units that the product team takes out while customers hold them leave when they come back: `units` is what
the company means to own, and `total` never falls below what is out.
"""

from typing import assert_never

from pydantic import BaseModel, ConfigDict, Field

from shared_events.delivery import StockChanged
from shared_events.product import ProductSaved, StockAdjusted


class Stock(BaseModel):
    """The stock of one product."""

    model_config = ConfigDict(frozen=True)

    product_id: int
    name: str
    units: int = Field(ge=0)
    out: int = Field(default=0, ge=0)
    product_version: int = Field(ge=1)
    """The newest fact of product's that is counted in."""
    announced: int = 0
    """Counts the changes announced."""
    version: int = 0
    """Changes with every save, so that a stale save is noticed."""

    @property
    def total(self) -> int:
        """Units owned."""
        return max(self.units, self.out)

    @property
    def available(self) -> int:
        """Units that can be delivered now."""
        return self.total - self.out

    def take(self, qty: int) -> "Stock":
        """Hand units to a customer."""
        if qty > self.available:
            raise ValueError("more than there is")
        return self.model_copy(update={"out": self.out + qty})

    def give_back(self, qty: int) -> "Stock":
        """Get units back from a customer."""
        if qty > self.out:
            raise ValueError("more than was out")
        return self.model_copy(update={"out": self.out - qty})

    def changed(self) -> StockChanged:
        """Say how the stock stands after a change."""
        return StockChanged(
            product_id=self.product_id, total=self.total, out=self.out, available=self.available
        )


class MissingFactError(Exception):
    """A fact about the product came before an earlier one, and counting it would lose that one."""


def follow_product(stock: Stock | None, fact: ProductSaved | StockAdjusted, version: int) -> Stock | None:
    """Follow what product says. A fact that is counted in already changes nothing."""
    seen = stock.product_version if stock else 0
    if version <= seen:
        return stock
    if version != seen + 1:
        raise MissingFactError(f"fact {version} about product {fact.product_id} came after fact {seen}")
    match fact:
        case ProductSaved(product_id=product_id, name=name, qty=qty):
            if stock is None:
                return Stock(product_id=product_id, name=name, units=qty, product_version=version)
            return stock.model_copy(update={"name": name, "product_version": version})
        case StockAdjusted(delta=delta):
            if stock is None:
                raise MissingFactError(f"product {fact.product_id} was adjusted before it was registered")
            return stock.model_copy(update={"units": stock.units + delta, "product_version": version})
        case _:
            assert_never(fact)
