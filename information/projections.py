"""Events become rows of the MyOrder view.

Each kind of event fills its own columns and its own entry of the history, whatever was there before. So
events may come in any order, and twice, and the row is the same.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis.database import Connection
from chassis.message import Message
from shared_events.delivery import (
    Delivered,
    DeliveryCanceled,
    OutOfStockRentalCanceled,
    UnregisteredProductRentalCanceled,
)
from shared_events.rental import RentalCanceled, RentalOrdered

OrderFact = (
    RentalOrdered
    | RentalCanceled
    | Delivered
    | OutOfStockRentalCanceled
    | UnregisteredProductRentalCanceled
    | DeliveryCanceled
)


@dataclass
class _News:
    """What a batch tells of one order."""

    updated_at: datetime
    product_id: int | None = None
    product_name: str | None = None
    qty: int | None = None
    delivery_id: int | None = None
    ordered_at: datetime | None = None
    history: dict[str, Any] = field(default_factory=dict)

    def tell(self, message: Message[OrderFact]) -> None:
        """Take one event in."""
        envelope, event = message.envelope, message.event
        self.updated_at = max(self.updated_at, envelope.time)
        self.history.setdefault(envelope.type, {"at": envelope.time.isoformat(), "event": str(envelope.id)})
        match event:
            case RentalOrdered():
                self.product_id, self.product_name, self.qty = event.product_id, event.product_name, event.qty
                self.ordered_at = envelope.time
            case Delivered():
                self.delivery_id = event.delivery_id
            case _:
                pass


async def follow_orders(connection: Connection, messages: Sequence[Message[OrderFact]]) -> None:
    """Bring the view up to date, a batch of events in one statement."""
    news: dict[int, _News] = {}
    for message in messages:
        news.setdefault(message.event.rental_id, _News(message.envelope.time)).tell(message)
    orders = sorted(news.items())
    await connection.execute(
        """INSERT INTO my_orders AS mine
               (rental_id, product_id, product_name, qty, delivery_id, ordered_at, updated_at, history)
           SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[],
                                $6::timestamptz[], $7::timestamptz[], $8::jsonb[])
           ON CONFLICT (rental_id) DO UPDATE SET
               product_id = coalesce(mine.product_id, excluded.product_id),
               product_name = coalesce(mine.product_name, excluded.product_name),
               qty = coalesce(mine.qty, excluded.qty),
               delivery_id = coalesce(mine.delivery_id, excluded.delivery_id),
               ordered_at = coalesce(mine.ordered_at, excluded.ordered_at),
               updated_at = greatest(mine.updated_at, excluded.updated_at),
               history = excluded.history || mine.history""",
        [rental_id for rental_id, _ in orders],
        [new.product_id for _, new in orders],
        [new.product_name for _, new in orders],
        [new.qty for _, new in orders],
        [new.delivery_id for _, new in orders],
        [new.ordered_at for _, new in orders],
        [new.updated_at for _, new in orders],
        [json.dumps(new.history) for _, new in orders],
    )
