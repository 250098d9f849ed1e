"""Questions that the rental context answers; reading needs no domain."""

from dataclasses import dataclass
from typing import Any

_RENTAL = "SELECT id, product_id, product_name, qty, status, delivery_id FROM rentals"
_PRODUCT = "SELECT id, name, coalesce(available, initial_qty) AS qty FROM products"


@dataclass(frozen=True)
class RentalView:
    """How an order stands."""

    id: int
    product_id: int
    product_name: str | None
    qty: int
    status: str
    delivery_id: int | None


@dataclass(frozen=True)
class ProductView:
    """A product as rental knows it."""

    id: int
    name: str
    qty: int


async def rental(pool: Any, rental_id: int) -> RentalView | None:
    """Find one rental."""
    row = await pool.fetchrow(f"{_RENTAL} WHERE id = $1", rental_id)
    return RentalView(**row) if row else None


async def rentals(pool: Any, after: int, size: int) -> list[RentalView]:
    """List rentals in the order of their ids."""
    rows = await pool.fetch(f"{_RENTAL} WHERE id > $1 ORDER BY id LIMIT $2", after, size)
    return [RentalView(**row) for row in rows]


async def product(pool: Any, product_id: int) -> ProductView | None:
    """Find one product, once its registration was heard of."""
    row = await pool.fetchrow(f"{_PRODUCT} WHERE id = $1 AND name IS NOT NULL", product_id)
    return ProductView(**row) if row else None


async def products(pool: Any, after: int, size: int) -> list[ProductView]:
    """List products in the order of their ids."""
    rows = await pool.fetch(
        f"{_PRODUCT} WHERE id > $1 AND name IS NOT NULL ORDER BY id LIMIT $2", after, size
    )
    return [ProductView(**row) for row in rows]
