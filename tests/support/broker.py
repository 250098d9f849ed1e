"""What tests read from Kafka and write to it, beside the code under test."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from chassis.message import Message, decode
from tests.support.messages import record


class Raw(Protocol):
    """What a record has that can be written."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Iterable[tuple[str, bytes]]: ...


@dataclass(frozen=True)
class Bare:
    """A record that no code of ours wrote."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


@asynccontextmanager
async def admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Administrate the broker."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def create_topic(bootstrap: str, topic: str, partitions: int = 3, **settings: str) -> None:
    """Create a topic; `settings` as Kafka names them, with _ for a dot."""
    configs = {name.replace("_", "."): value for name, value in settings.items()}
    async with admin(bootstrap) as client:
        await client.create_topics([NewTopic(topic, partitions, 1, topic_configs=configs)])


async def write(bootstrap: str, topic: str, *records: Raw, partition: int | None = None) -> None:
    """Write records, in this order."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True)
    await producer.start()
    try:
        for one in records:
            await producer.send(
                topic, key=one.key, value=one.value, headers=list(one.headers), partition=partition
            )
        await producer.flush()
    finally:
        await producer.stop()


async def tell(bootstrap: str, topic: str, *messages: Message[Any]) -> None:
    """Write messages, in this order."""
    await write(bootstrap, topic, *(record(message) for message in messages))


async def read(bootstrap: str, topic: str) -> list[Any]:
    """Read all records of a topic, partition by partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        await consumer._client.force_metadata_update()
        partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        ends = await consumer.end_offsets(partitions)
        consumer.assign(partitions)
        found = []
        for partition, end in ends.items():
            while await consumer.position(partition) < end:
                found += (await consumer.getmany(partition, timeout_ms=1_000)).get(partition, [])
        return found
    finally:
        await consumer.stop()


async def heard(bootstrap: str, topic: str) -> list[Message[Any]]:
    """Read all messages of a topic, partition by partition."""
    return [decode(one) for one in await read(bootstrap, topic)]


async def committed(bootstrap: str, group: str, topic: str) -> dict[int, int]:
    """Tell how far a group has committed, per partition."""
    async with admin(bootstrap) as client:
        offsets = await client.list_consumer_group_offsets(group)
    return {
        partition.partition: found.offset
        for partition, found in offsets.items()
        if partition.topic == topic and found.offset >= 0
    }
