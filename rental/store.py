"""How rentals are kept: the only SQL of the context that changes or locks an aggregate."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from chassis.database import Connection, StaleVersionError
from chassis.outbox import COLUMNS, Announcement, announce
from rental.domain.rental import Rental

_COLUMNS = """id, product_id, product_name, qty, status, delivery_id,
    cancel_id, cancel_due, canceling_from, announced, version"""


async def next_order(connection: Connection, product_id: int) -> tuple[int, str | None]:
    """Take the next rental id, and what rental calls the product if it knows it."""
    row = await connection.fetchrow(
        """SELECT nextval('rentals_id_seq') AS id, (SELECT name FROM products WHERE id = $1) AS name""",
        product_id,
    )
    return row["id"], row["name"]


async def add(connection: Connection, rental: Rental, announcement: Announcement) -> None:
    """Keep a new rental and its event, in one statement, which is a transaction of its own."""
    await connection.execute(
        f"""WITH rental AS (
               INSERT INTO rentals (id, product_id, product_name, qty, status, announced)
               VALUES ($1, $2, $3, $4, $5, $6)
           )
           INSERT INTO outbox ({COLUMNS}) VALUES ($7, $8, $9, $10, $11, $12, $13, $14)""",  # noqa: S608
        rental.id,
        rental.product_id,
        rental.product_name,
        rental.qty,
        rental.status,
        rental.announced,
        *announcement.row(),
    )


async def load(connection: Connection, rental_ids: Iterable[int]) -> dict[int, Rental]:
    """Load and lock rentals, in the order of their ids, so that two that lock many never wait in a ring."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM rentals WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE",  # noqa: S608
        list(rental_ids),
    )
    return {row["id"]: _rental(row) for row in rows}


async def load_overdue_cancels(connection: Connection, now: datetime, most: int) -> list[Rental]:
    """Load and lock rentals whose attempt to cancel must be over, leaving alone what others are at."""
    rows = await connection.fetch(
        f"""SELECT {_COLUMNS} FROM rentals WHERE cancel_due <= $1
            ORDER BY cancel_due LIMIT $2 FOR UPDATE SKIP LOCKED""",  # noqa: S608
        now,
        most,
    )
    return [_rental(row) for row in rows]


async def save(
    connection: Connection, rentals: Sequence[Rental], announcements: Sequence[Announcement]
) -> None:
    """Save rentals that still are as they were loaded, and what there is to announce."""
    if not rentals:
        return
    changed = await connection.execute(
        """UPDATE rentals SET status = new.status, delivery_id = new.delivery_id, cancel_id = new.cancel_id,
               cancel_due = new.cancel_due, canceling_from = new.canceling_from, announced = new.announced,
               version = rentals.version + 1
           FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::uuid[], $6::timestamptz[],
                       $7::text[], $8::bigint[])
               AS new (id, version, status, delivery_id, cancel_id, cancel_due, canceling_from, announced)
           WHERE rentals.id = new.id AND rentals.version = new.version""",
        [r.id for r in rentals],
        [r.version for r in rentals],
        [r.status for r in rentals],
        [r.delivery_id for r in rentals],
        [r.cancel_id for r in rentals],
        [r.cancel_due for r in rentals],
        [r.canceling_from for r in rentals],
        [r.announced for r in rentals],
    )
    if changed != f"UPDATE {len(rentals)}":
        raise StaleVersionError
    await announce(connection, announcements)


def _rental(row: Any) -> Rental:
    return Rental(**row)
