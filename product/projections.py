"""What delivery tells of the stock, copied for whoever browses the catalogue."""

from collections.abc import Sequence

from chassis.database import Connection
from chassis.message import Message, newest_by
from shared_events.delivery import StockChanged


async def copy_stock(connection: Connection, messages: Sequence[Message[StockChanged]]) -> None:
    """Keep the newest stock level of each product; an older one that comes late changes nothing."""
    newest = newest_by(lambda event: event.product_id, messages)
    await connection.execute(
        """INSERT INTO stock_levels AS mine (product_id, total, out, available, version)
           SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
           ON CONFLICT (product_id) DO UPDATE SET total = excluded.total, out = excluded.out,
               available = excluded.available, version = excluded.version
           WHERE mine.version < excluded.version""",
        [message.event.product_id for message in newest],
        [message.event.total for message in newest],
        [message.event.out for message in newest],
        [message.event.available for message in newest],
        [message.envelope.aggregate_version for message in newest],
    )
