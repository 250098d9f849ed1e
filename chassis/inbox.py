"""The inbox: which events this context has taken in, so that a redelivered one does nothing.

https://microservices.io/patterns/communication-style/idempotent-consumer.html
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from chassis.database import Connection
from chassis.message import Message

AT_ONCE = 10_000

M = TypeVar("M", bound=Message[Any])


async def take_in(connection: Connection, messages: Sequence[M]) -> list[M]:
    """Remember these events, in the transaction of their effect; return those that are new, each once."""
    rows = await connection.fetch(
        "INSERT INTO inbox (event_id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id",
        [message.envelope.id for message in messages],
    )
    new = {row["event_id"] for row in rows}
    taken = []
    for message in messages:
        if message.envelope.id in new:
            new.discard(message.envelope.id)
            taken.append(message)
    return taken


async def forget(connection: Connection, days: float) -> None:
    """Forget what came long ago; the aggregates' versions still tell a duplicate from then."""
    forgotten = f"DELETE {AT_ONCE}"
    while forgotten == f"DELETE {AT_ONCE}":
        forgotten = await connection.execute(
            f"""DELETE FROM inbox WHERE event_id IN (
                    SELECT event_id FROM inbox WHERE received_at < now() - make_interval(secs => $1)
                    LIMIT {AT_ONCE})""",  # noqa: S608
            days * 86_400,
        )
