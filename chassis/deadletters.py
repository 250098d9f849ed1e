"""Dead letters: messages that cannot be handled, and the later ones of the same key, kept in order.

They live in the service's own database. While a key has a dead letter, its messages queue behind it;
every other key goes on.
"""

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from chassis.database import Connection, Database
from chassis.message import Record
from shared_events.envelope import Headers


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record as it came, with the reason why it lies here."""

    id: int
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    reason: str


async def parked(connection: Connection, topic: str, keys: Iterable[bytes | None]) -> set[bytes]:
    """Tell which of these keys wait behind a dead letter.

    The rows are locked, so that a redrive which is emptying the queue and a message which is about to join
    it see one another.
    """
    rows = await connection.fetch(
        "SELECT key FROM dead_letters WHERE topic = $1 AND key = ANY($2::bytea[]) FOR UPDATE",
        topic,
        list({key for key in keys if key is not None}),
    )
    return {row["key"] for row in rows}


async def bury(connection: Connection, record: Record, reason: str) -> bool:
    """Keep a record, once, whatever bytes are in it; tell whether it was new here."""
    done = await connection.execute(
        """INSERT INTO dead_letters (topic, partition, "offset", key, value, headers, reason)
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (topic, partition, "offset") DO NOTHING""",
        record.topic,
        record.partition,
        record.offset,
        record.key,
        record.value,
        json.dumps([[name, value and value.decode("latin-1")] for name, value in record.headers]),
        reason[:1000].encode(errors="replace").decode().replace("\0", "?"),
    )
    return bool(done == "INSERT 0 1")


async def waiting(connection: Connection) -> list[tuple[str, bytes | None, int, str]]:
    """List the keys that have dead letters: topic, key, how many, and why the first lies here."""
    return [
        tuple(row)
        for row in await connection.fetch(
            """SELECT topic, key, count(*), (array_agg(reason ORDER BY id))[1] FROM dead_letters
               GROUP BY topic, key ORDER BY min(id)"""
        )
    ]


async def redrive(
    database: Database, topic: str, key: bytes | None, handle: Callable[[Connection, Record], Awaitable[None]]
) -> int:
    """Handle a key's dead letters in order, each in a transaction with its removal; return how many.

    Stops, with the handler's exception, at the first that still cannot be handled.
    """
    done = 0
    while True:
        async with database.transaction() as connection:
            row = await connection.fetchrow(
                "SELECT * FROM dead_letters WHERE topic = $1 AND key IS NOT DISTINCT FROM $2 ORDER BY id"
                " LIMIT 1 FOR UPDATE",
                topic,
                key,
            )
            if row is None:
                return done
            await handle(connection, _letter(row))
            await connection.execute("DELETE FROM dead_letters WHERE id = $1", row["id"])
            done += 1


def _letter(row: Any) -> DeadLetter:
    headers = [(name, value and value.encode("latin-1")) for name, value in json.loads(row["headers"])]
    return DeadLetter(
        id=row["id"],
        topic=row["topic"],
        partition=row["partition"],
        offset=row["offset"],
        key=row["key"],
        value=row["value"],
        headers=headers,
        reason=row["reason"],
    )
