"""Three bare Kafka hops, one after another: an order's way if nobody decided or stored anything.

The same three legs as an order's (rental to delivery, delivery to rental and information), with the same
durability (`acks=all`), the same client library, and nothing else.
"""

import time
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

TOPICS = ("bench.hop.1", "bench.hop.2", "bench.hop.3")
MESSAGE = b'{"rentalId":1,"productId":1,"qty":1,"productName":"computer"}'


class KafkaHops:
    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.open = AsyncExitStack()
        self.consumers: list[AIOKafkaConsumer] = []

    async def __aenter__(self) -> Self:
        await self.create_topics()
        self.producer = AIOKafkaProducer(
            bootstrap_servers=self.bootstrap, acks="all", enable_idempotence=True
        )
        await self.open.enter_async_context(self.producer)
        for topic in TOPICS:
            consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False)
            await self.open.enter_async_context(consumer)
            consumer.assign([TopicPartition(topic, 0)])
            await consumer.seek_to_end()
            self.consumers.append(consumer)
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _exc: BaseException | None, _tb: TracebackType | None
    ) -> None:
        await self.open.aclose()

    async def create_topics(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            missing = set(TOPICS) - set(await admin.list_topics())
            await admin.create_topics(
                [NewTopic(topic, num_partitions=1, replication_factor=1) for topic in missing]
            )
        finally:
            await admin.close()

    async def seconds(self) -> float:
        """How long one message needs for the three hops."""
        began = time.perf_counter()
        for topic, consumer in zip(TOPICS, self.consumers, strict=True):
            await self.producer.send_and_wait(topic, MESSAGE, key=b"1")
            await consumer.getone()
        return time.perf_counter() - began
