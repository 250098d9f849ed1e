"""Events in envelopes, as a context hears them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeVar
from uuid import UUID, uuid4

from aiokafka import TopicPartition

from chassis.consumer import Consumer, Subscriptions
from chassis.database import Database
from chassis.message import Message, Record
from chassis.settings import Settings
from shared_events.envelope import Envelope, Headers
from shared_events.event import Event
from shared_events.topics import ROUTES

E = TypeVar("E", bound=Event)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

_offsets = count()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record as the consumer gets it from Kafka."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


def told(
    event: E, version: int = 1, *, at: datetime = NOW, event_id: UUID | None = None, trace: str | None = None
) -> Message[E]:
    """Put an event in an envelope, as the `version`-th fact about its aggregate."""
    route = ROUTES[type(event)]
    envelope = Envelope(
        id=event_id or uuid4(),
        type=type(event).__name__,
        source="/" + route.topic.removesuffix(".events"),
        subject=f"{route.aggregate}/{route.key(event)}",
        time=at,
        aggregate_version=version,
        traceparent=trace,
    )
    return Message(envelope, event)


def record(message: Message[Any], offset: int | None = None) -> Arrival:
    """Write a message down as the relay does."""
    route = ROUTES[type(message.event)]
    return Arrival(
        topic=route.topic,
        partition=0,
        offset=next(_offsets) if offset is None else offset,
        key=str(route.key(message.event)).encode(),
        value=message.event.model_dump_json(by_alias=True).encode(),
        headers=message.envelope.to_headers(),
    )


class Listener:
    """A context's ears without Kafka: its subscriptions, inbox and dead letters, on its real database."""

    def __init__(self, database: Database, service: str, subscriptions: Subscriptions) -> None:
        self._database = database
        self._consumer = Consumer(Settings(), database, service, subscriptions)

    async def hears(self, *messages: Message[Any]) -> None:
        """Take messages in, each alone and in this order; none of them may turn out to be poison."""
        for message in messages:
            await self.hears_together(message)

    async def hears_together(self, *messages: Message[Any]) -> None:
        """Take messages in as one batch."""
        records = [record(message) for message in messages]
        await self.takes(*records)
        reasons = await self._database.pool.fetch("SELECT reason FROM dead_letters")
        assert not reasons, f"poison: {[row['reason'] for row in reasons]}"

    async def forgets(self) -> None:
        """Forget which events came, as the inbox does after its retention: only versions can tell now."""
        await self._database.pool.execute("DELETE FROM inbox")

    async def takes(self, *records: Record) -> None:
        """Take records in as one batch, whatever becomes of them."""
        by_topic: dict[str, list[Record]] = {}
        for one in records:
            by_topic.setdefault(one.topic, []).append(one)
        for topic, batch in by_topic.items():
            await self._consumer._take(TopicPartition(topic, 0), batch)


def events(messages: Sequence[Message[E]]) -> list[E]:
    """Give only what was said."""
    return [message.event for message in messages]
