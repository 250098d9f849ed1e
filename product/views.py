"""Questions that the product context answers; reading needs no domain."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ProductView:
    """A product as it is browsed. `qty` units can be rented now, as far as delivery has told."""

    id: int
    name: str
    qty: int


_SELECT = """
    SELECT id, name, coalesce(available, initial_qty) AS qty
    FROM products LEFT JOIN stock_levels ON product_id = id
"""


async def product(pool: Any, product_id: int) -> ProductView | None:
    """Find one product."""
    row = await pool.fetchrow(f"{_SELECT} WHERE id = $1", product_id)
    return ProductView(**row) if row else None


async def products(pool: Any, after: int, size: int) -> list[ProductView]:
    """List products in the order of their ids."""
    rows = await pool.fetch(f"{_SELECT} WHERE id > $1 ORDER BY id LIMIT $2", after, size)
    return [ProductView(**row) for row in rows]
