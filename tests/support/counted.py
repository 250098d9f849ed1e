"""An event that only the chassis' tests know, and what a context would do with it."""

from collections.abc import Sequence
from typing import Any

from chassis.database import Connection, Database
from chassis.message import Message
from chassis.outbox import Announcement, announce
from shared_events.event import Event
from tests.support.messages import NOW


class Counted(Event):
    """Somebody counted up to `number`; the key is the counter's id."""

    counter: int
    number: int
    note: str = ""


async def write_down(connection: Connection, messages: Sequence[Message[Counted]]) -> None:
    """Keep every number that is heard, in the order in which it is heard: a handler with an effect."""
    await connection.executemany(
        "INSERT INTO effects (counter, number) VALUES ($1, $2)",
        [(message.event.counter, message.event.number) for message in messages],
    )


async def effects(database: Database) -> dict[int, list[int]]:
    """Give what was written down, per counter, in order."""
    found: dict[int, list[int]] = {}
    for row in await database.pool.fetch("SELECT counter, number FROM effects ORDER BY id"):
        found.setdefault(row["counter"], []).append(row["number"])
    return found


async def count_up(connection: Connection, counter: int, note: str = "") -> int:
    """Count one further and announce it: a command, as every context has them."""
    number: int = await connection.fetchval(
        """INSERT INTO counters VALUES ($1, 1)
           ON CONFLICT (id) DO UPDATE SET number = counters.number + 1 RETURNING number""",
        counter,
    )
    event = Counted(counter=counter, number=number, note=note)
    await announce(connection, [Announcement(event, number, NOW)])
    return number


async def prepare(database: Database) -> None:
    """Create the tables of this make-believe context, beside the messaging tables."""
    await database.pool.execute(
        """CREATE TABLE effects (id bigserial PRIMARY KEY, counter bigint NOT NULL, number bigint NOT NULL);
           CREATE TABLE counters (id bigint PRIMARY KEY, number bigint NOT NULL)"""
    )


def numbers(messages: Sequence[Message[Any]]) -> dict[int, list[int]]:
    """Give the numbers that were announced, per counter, in order."""
    found: dict[int, list[int]] = {}
    for message in messages:
        found.setdefault(message.event.counter, []).append(message.event.number)
    return found
