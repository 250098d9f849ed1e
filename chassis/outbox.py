"""The transactional outbox: events are rows, written in the transaction that makes them true.

The relay (relay.py) brings them to Kafka. https://microservices.io/patterns/data/transactional-outbox.html
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chassis import tracing
from chassis.database import Connection
from shared_events.event import Event
from shared_events.topics import ROUTES

COLUMNS = "topic, key, type, subject, aggregate_version, occurred_at, traceparent, payload"

_INSERT = f"""
    INSERT INTO outbox ({COLUMNS})
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[],
                         $7::text[], $8::text[])
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event, as the `version`-th fact about its aggregate, and the trace that led to it."""

    event: Event
    version: int
    at: datetime
    traceparent: str | None = field(default_factory=tracing.current)

    def row(self) -> tuple[str, str, str, str, int, datetime, str | None, str]:
        """The values of COLUMNS."""
        route = ROUTES[type(self.event)]
        key = str(route.key(self.event))
        return (
            route.topic,
            key,
            type(self.event).__name__,
            f"{route.aggregate}/{key}",
            self.version,
            self.at,
            self.traceparent,
            self.event.model_dump_json(by_alias=True),
        )


async def announce(connection: Connection, announcements: Sequence[Announcement]) -> None:
    """Write the events down, in this order.

    Call it after the aggregate's own row was written: ids then grow in the order in which
    the transactions of one aggregate commit, which is the order the relay keeps.
    """
    if announcements:
        columns = zip(*(announcement.row() for announcement in announcements), strict=True)
        await connection.execute(_INSERT, *map(list, columns))
