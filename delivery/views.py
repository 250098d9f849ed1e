"""Questions that the delivery context answers; reading needs no domain."""

from dataclasses import dataclass
from typing import Any

_DELIVERY = "SELECT id, product_id, qty, status FROM deliveries"
_STOCK = """SELECT product_id AS id, name, greatest(units, out) AS total, out,
                   greatest(units, out) - out AS available FROM stocks"""


@dataclass(frozen=True)
class DeliveryView:
    """How a delivery stands."""

    id: int
    product_id: int | None
    qty: int
    status: str


@dataclass(frozen=True)
class StockView:
    """How the stock of a product stands."""

    id: int
    name: str
    total: int
    out: int
    available: int


async def delivery(pool: Any, delivery_id: int) -> DeliveryView | None:
    """Find one delivery."""
    row = await pool.fetchrow(f"{_DELIVERY} WHERE id = $1", delivery_id)
    return DeliveryView(**row) if row else None


async def deliveries(pool: Any, after: int, size: int) -> list[DeliveryView]:
    """List deliveries in the order of their ids."""
    rows = await pool.fetch(f"{_DELIVERY} WHERE id > $1 ORDER BY id LIMIT $2", after, size)
    return [DeliveryView(**row) for row in rows]


async def stock(pool: Any, product_id: int) -> StockView | None:
    """Find the stock of one product."""
    row = await pool.fetchrow(f"{_STOCK} WHERE product_id = $1", product_id)
    return StockView(**row) if row else None


async def stocks(pool: Any, after: int, size: int) -> list[StockView]:
    """List stocks in the order of their products' ids."""
    rows = await pool.fetch(f"{_STOCK} WHERE product_id > $1 ORDER BY product_id LIMIT $2", after, size)
    return [StockView(**row) for row in rows]
