"""How deliveries and stocks are kept: the only SQL of the context that changes or locks an aggregate.

Locks are taken in one order everywhere (deliveries by id, then stocks by product), so that transactions
that touch many never wait for one another in a ring.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from chassis.database import Connection, StaleVersionError
from chassis.outbox import Announcement, announce
from delivery.domain.delivery import Delivery
from delivery.domain.stock import Stock

_DELIVERY = "id, product_id, qty, status, decide_by, announced, version"
_STOCK = "product_id, name, units, out, product_version, announced, version"


async def load_deliveries(connection: Connection, rental_ids: Iterable[int]) -> dict[int, Delivery]:
    """Load and lock deliveries."""
    rows = await connection.fetch(
        f"SELECT {_DELIVERY} FROM deliveries WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE",  # noqa: S608
        list(rental_ids),
    )
    return {row["id"]: Delivery(**row) for row in rows}


async def load_waiting_for(connection: Connection, product_ids: Iterable[int]) -> dict[int, Delivery]:
    """Load and lock the orders that wait for one of these products."""
    rows = await connection.fetch(
        f"""SELECT {_DELIVERY} FROM deliveries WHERE status = 'WAITING' AND product_id = ANY($1::bigint[])
            ORDER BY id FOR UPDATE""",  # noqa: S608
        list(product_ids),
    )
    return {row["id"]: Delivery(**row) for row in rows}


async def find_overdue(connection: Connection, now: datetime, most: int) -> list[int]:
    """Find orders that have waited long enough, or whose product came while they were being put to wait."""
    rows = await connection.fetch(
        """SELECT id FROM deliveries WHERE status = 'WAITING'
               AND (decide_by <= $1 OR product_id IN (SELECT product_id FROM stocks))
           ORDER BY id LIMIT $2""",
        now,
        most,
    )
    return [row["id"] for row in rows]


async def load_stocks(connection: Connection, product_ids: Iterable[int]) -> dict[int, Stock]:
    """Load and lock stocks."""
    rows = await connection.fetch(
        f"SELECT {_STOCK} FROM stocks WHERE product_id = ANY($1::bigint[]) ORDER BY product_id FOR UPDATE",  # noqa: S608
        list(product_ids),
    )
    return {row["product_id"]: Stock(**row) for row in rows}


async def save(
    connection: Connection,
    deliveries: Sequence[Delivery],
    stocks: Sequence[Stock],
    announcements: Sequence[Announcement],
) -> None:
    """Save what still is as it was loaded, and what there is to announce."""
    await _save_deliveries(connection, deliveries)
    await _save_stocks(connection, stocks)
    await announce(connection, announcements)


async def _save_deliveries(connection: Connection, deliveries: Sequence[Delivery]) -> None:
    if not deliveries:
        return
    saved = await connection.execute(
        """INSERT INTO deliveries AS old (id, product_id, qty, status, decide_by, announced, version)
           SELECT id, product_id, qty, status, decide_by, announced, version + 1
           FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::timestamptz[], $6::bigint[],
                       $7::bigint[]) AS new (id, product_id, qty, status, decide_by, announced, version)
           ON CONFLICT (id) DO UPDATE SET status = excluded.status, decide_by = excluded.decide_by,
               announced = excluded.announced, version = excluded.version
           WHERE old.version = excluded.version - 1""",
        [d.id for d in deliveries],
        [d.product_id for d in deliveries],
        [d.qty for d in deliveries],
        [d.status for d in deliveries],
        [d.decide_by for d in deliveries],
        [d.announced for d in deliveries],
        [d.version for d in deliveries],
    )
    if saved != f"INSERT 0 {len(deliveries)}":
        raise StaleVersionError


async def _save_stocks(connection: Connection, stocks: Sequence[Stock]) -> None:
    if not stocks:
        return
    saved = await connection.execute(
        """INSERT INTO stocks AS old (product_id, name, units, out, product_version, announced, version)
           SELECT product_id, name, units, out, product_version, announced, version + 1
           FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
                       $7::bigint[])
                    AS new (product_id, name, units, out, product_version, announced, version)
           ON CONFLICT (product_id) DO UPDATE SET name = excluded.name, units = excluded.units,
               out = excluded.out, product_version = excluded.product_version,
               announced = excluded.announced, version = excluded.version
           WHERE old.version = excluded.version - 1""",
        [s.product_id for s in stocks],
        [s.name for s in stocks],
        [s.units for s in stocks],
        [s.out for s in stocks],
        [s.product_version for s in stocks],
        [s.announced for s in stocks],
        [s.version for s in stocks],
    )
    if saved != f"INSERT 0 {len(stocks)}":
        raise StaleVersionError
