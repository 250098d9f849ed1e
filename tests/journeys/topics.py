"""What stands in the topics: all of it, read from the beginning, by nobody's group."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment

from shared_events.envelope import Envelope, Headers
from shared_events.topics import DELIVERY_EVENTS, PRODUCT_EVENTS, RENTAL_EVENTS

TOPICS = (PRODUCT_EVENTS, RENTAL_EVENTS, DELIVERY_EVENTS)


@dataclass(frozen=True)
class Announced:
    """One record of a topic, with its envelope opened."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: Headers
    envelope: Envelope

    @property
    def payload(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.value)
        return found


@asynccontextmanager
async def reader(bootstrap: str) -> AsyncIterator[Any]:
    """Stand before the first record of every partition, in no group."""
    consumer = AIOKafkaConsumer(
        *TOPICS, bootstrap_servers=bootstrap, client_id="journeys", auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def read_all(bootstrap: str) -> list[Announced]:
    """Read every topic from its first record to its last; each partition's records come in order."""
    async with reader(bootstrap) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
        found: list[Announced] = []
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            batches = await consumer.getmany(timeout_ms=500)
            found += [_opened(record) for records in batches.values() for record in records]
        return found


async def about(bootstrap: str, *subjects: str) -> list[Announced]:
    """Read what was announced about these aggregates, in order for each of them."""
    return [record for record in await read_all(bootstrap) if record.envelope.subject in subjects]


async def members(bootstrap: str, group: str) -> list[set[str]]:
    """Name, for each process in a group, the topics in which it has partitions."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        (answer,) = await admin.describe_consumer_groups([group])
    finally:
        await admin.close()
    (description,) = answer.to_object()["groups"]
    return [
        {
            topic
            for topic, _ in ConsumerProtocolMemberAssignment.decode(member["member_assignment"]).assignment
        }
        for member in description["members"]
        if member["member_assignment"]
    ]


async def announce_again(bootstrap: str, records: Iterable[tuple[Announced, Headers]]) -> None:
    """Put copies of records at the end of the partitions that they came from, one after the other."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        for record, headers in records:
            await producer.send_and_wait(
                record.topic, record.value, record.key, partition=record.partition, headers=headers
            )
    finally:
        await producer.stop()


def _opened(record: Any) -> Announced:
    headers = list(record.headers)
    return Announced(
        record.topic,
        record.partition,
        record.offset,
        record.key,
        record.value,
        headers,
        Envelope.from_headers(headers),
    )
