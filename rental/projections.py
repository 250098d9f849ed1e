"""What rental keeps of the products, as product and delivery tell of them.

Each source writes its own columns with its own version, so any order of arrival gives the same row.
"""

from collections.abc import Sequence

from chassis.database import Connection
from chassis.message import Message, newest_by
from shared_events.delivery import StockChanged
from shared_events.product import ProductSaved


async def copy_products(connection: Connection, messages: Sequence[Message[ProductSaved]]) -> None:
    """Keep the newest name of each product."""
    newest = newest_by(lambda event: event.product_id, messages)
    await connection.execute(
        """INSERT INTO products AS mine (id, name, initial_qty, product_version)
           SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[])
           ON CONFLICT (id) DO UPDATE SET name = excluded.name, initial_qty = excluded.initial_qty,
               product_version = excluded.product_version
           WHERE mine.product_version < excluded.product_version""",
        [message.event.product_id for message in newest],
        [message.event.name for message in newest],
        [message.event.qty for message in newest],
        [message.envelope.aggregate_version for message in newest],
    )


async def copy_stock(connection: Connection, messages: Sequence[Message[StockChanged]]) -> None:
    """Keep the newest stock of each product."""
    newest = newest_by(lambda event: event.product_id, messages)
    await connection.execute(
        """INSERT INTO products AS mine (id, available, stock_version)
           SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
           ON CONFLICT (id) DO UPDATE SET available = excluded.available,
               stock_version = excluded.stock_version
           WHERE mine.stock_version < excluded.stock_version""",
        [message.event.product_id for message in newest],
        [message.event.available for message in newest],
        [message.envelope.aggregate_version for message in newest],
    )
