"""Questions that the information context answers, each with one query."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_SELECT = """
    SELECT rental_id, product_id, product_name, qty, status, delivery_id, delivery_status,
           ordered_at, updated_at, history
    FROM my_orders
"""


@dataclass(frozen=True)
class Happening:
    """What happened to an order, when, and the id of the event that told it."""

    what: str
    at: datetime
    event: str


@dataclass(frozen=True)
class MyOrder:
    """How an order stands, and how it came to that."""

    rental_id: int
    product_id: int | None
    product_name: str | None
    qty: int | None
    status: str
    delivery_id: int | None
    delivery_status: str | None
    ordered_at: datetime | None
    updated_at: datetime
    history: list[Happening]


async def my_order(pool: Any, rental_id: int) -> MyOrder | None:
    """Find one order."""
    row = await pool.fetchrow(f"{_SELECT} WHERE rental_id = $1", rental_id)
    return _my_order(row) if row else None


async def my_orders(pool: Any, after: int, size: int) -> list[MyOrder]:
    """List orders in the order of their rentals' ids."""
    rows = await pool.fetch(f"{_SELECT} WHERE rental_id > $1 ORDER BY rental_id LIMIT $2", after, size)
    return [_my_order(row) for row in rows]


def _my_order(row: Any) -> MyOrder:
    history = [
        Happening(what, datetime.fromisoformat(entry["at"]), entry["event"])
        for what, entry in json.loads(row["history"]).items()
    ]
    history.sort(key=lambda happening: happening.at)
    return MyOrder(**{**row, "history": history})
