"""How products are kept: the only SQL of the context that changes or locks an aggregate."""

from datetime import datetime

from chassis.database import Connection, StaleVersionError
from chassis.outbox import Announcement, announce
from product.domain.product import Fact, Product


async def next_id(connection: Connection) -> int:
    """Take the next product id."""
    number: int = await connection.fetchval("SELECT nextval('products_id_seq')")
    return number


async def load(connection: Connection, product_id: int) -> Product | None:
    """Load a product."""
    row = await connection.fetchrow(
        "SELECT id, name, initial_qty, units, version FROM products WHERE id = $1", product_id
    )
    return Product(**row) if row else None


async def save(
    connection: Connection, before: Product | None, after: Product, facts: list[Fact], now: datetime
) -> None:
    """Save a product if it still is as it was loaded, and what there is to announce."""
    if before is None:
        await connection.execute(
            "INSERT INTO products (id, name, initial_qty, units, version) VALUES ($1, $2, $3, $4, $5)",
            after.id,
            after.name,
            after.initial_qty,
            after.units,
            after.version,
        )
    elif (
        await connection.execute(
            "UPDATE products SET name = $3, units = $4, version = $5 WHERE id = $1 AND version = $2",
            after.id,
            before.version,
            after.name,
            after.units,
            after.version,
        )
        != "UPDATE 1"
    ):
        raise StaleVersionError
    first = before.version + 1 if before else 1
    await announce(connection, [Announcement(fact, first + n, now) for n, fact in enumerate(facts)])
