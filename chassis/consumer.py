"""The consumer: each event has its effect exactly once, in order per key, whatever is killed.

Inbox rows, effect and outbox rows are one transaction per partition and batch; the offset is committed
after it. What a broken dependency interrupts is sought back and tried again; a poison message goes to the
dead letters and holds back its own key only.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis import deadletters, inbox, kafka, metrics, tracing
from chassis.database import ATTEMPTS, CONFLICTS, Connection, Database, is_unavailable
from chassis.message import Message, Record, decode, type_of
from chassis.settings import Settings
from shared_events.event import Event
from shared_events.topics import topic_of

log = structlog.get_logger()

BATCH = 1_000
POLL_MS = 1_000

BEHIND = "waits behind an earlier message of its key"

Offsets = Mapping[TopicPartition, int]
Handler = Callable[[Connection, Sequence[Message[Any]]], Awaitable[None]]
Subscriptions = Mapping[type[Event], Handler]
"""Who hears what. A handler gets the new messages of all its events, in order; events that must be seen in
the order in which they happened therefore share one handler."""


class Consumer:
    """Feeds a service's handlers from the topics that they subscribe to."""

    def __init__(
        self, settings: Settings, database: Database, service: str, subscriptions: Subscriptions
    ) -> None:
        self._settings = settings
        self._database = database
        self._service = service
        self._handlers = {event_type.__name__: handler for event_type, handler in subscriptions.items()}
        self.topics = {topic_of(event_type) for event_type in subscriptions}
        self._consumer: AIOKafkaConsumer | None = None

    async def run(self) -> None:
        """Consume until cancelled; raise where the database or the broker goes away."""
        consumer = kafka.consumer(self._settings, self._service, self.topics)
        committing: asyncio.Task[None] | None = None
        try:
            await consumer.start()
            self._consumer = consumer
            while True:
                batches = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH)
                for partition, records in batches.items():
                    await self._take(partition, records)
                # The next batch need not wait for the broker's answer, only the next commit.
                if committing and (batches or committing.done()):
                    await committing
                    committing = None
                if batches:
                    offsets = {partition: records[-1].offset + 1 for partition, records in batches.items()}
                    committing = asyncio.create_task(consumer.commit(offsets))
        finally:
            # Nothing was committed for a batch that failed: the next run gets it again from there.
            self._consumer = None
            if committing:
                with suppress(Exception, asyncio.CancelledError):
                    await asyncio.wait_for(committing, kafka.STOP_SECONDS)
            await kafka.stop(consumer)

    async def ends(self, topic: str) -> Offsets:
        """Mark how far a topic goes by now; nothing while the broker is not there to ask."""
        consumer = self._consumer
        partitions = consumer.partitions_for_topic(topic) if consumer else None
        if consumer is None or not partitions:
            return {}
        return dict(await consumer.end_offsets([TopicPartition(topic, p) for p in partitions]))

    async def has_read(self, ends: Offsets) -> bool:
        """Tell whether this service, in all its replicas, has handled everything up to such a mark."""
        consumer = self._consumer
        if consumer is None:
            return False
        for partition, end in ends.items():
            if end and (await consumer.committed(partition) or 0) < end:
                return False
        return bool(ends)

    async def _take(self, partition: TopicPartition, records: Sequence[Record]) -> None:
        records = [record for record in records if self._concerns_us(record)]
        if not records:
            return
        try:
            await self._take_together(records)
        except Exception as error:
            if is_unavailable(error):
                raise
            # One of them is poison, or somebody was faster: find out which by taking each alone.
            log.info("batch falls apart", topic=partition.topic, messages=len(records), error=repr(error))
            for record in records:
                await self._take_alone(record)

    def _concerns_us(self, record: Record) -> bool:
        name = type_of(record)
        return name is None or name in self._handlers

    async def _take_together(self, records: Sequence[Record]) -> None:
        """Handle records of one topic in one transaction; those whose key is parked join the queue there."""
        topic = records[0].topic
        buried = handled = 0
        async with self._database.transaction() as connection:
            parked = await deadletters.parked(connection, topic, (record.key for record in records))
            for record in records:
                if record.key in parked:
                    buried += await deadletters.bury(connection, record, BEHIND)
            free = [decode(record) for record in records if record.key not in parked]
            if free:
                handled = await self._handle(connection, free)
        metrics.dead.labels(self._service, topic).inc(buried)
        metrics.consumed.labels(self._service, topic).inc(handled)
        metrics.duplicates.labels(self._service, topic).inc(len(free) - handled)

    async def _take_alone(self, record: Record) -> None:
        for _ in range(ATTEMPTS):
            try:
                await self._take_together([record])
            except CONFLICTS:
                continue
            except Exception as error:
                if is_unavailable(error):
                    raise
                log.exception("poison message", topic=record.topic, key=record.key, offset=record.offset)
                async with self._database.transaction() as connection:
                    buried = await deadletters.bury(connection, record, f"{type(error).__name__}: {error}")
                metrics.dead.labels(self._service, record.topic).inc(buried)
            return
        raise TimeoutError(f"cannot get hold of what {record.topic} {record.key!r} changes")

    async def handle_record(self, connection: Connection, record: Record) -> None:
        """Handle one record inside the caller's transaction, as a redrive does."""
        await self._handle(connection, [decode(record)])

    async def _handle(self, connection: Connection, messages: Sequence[Message[Any]]) -> int:
        """Hand the new ones among these messages to their handlers; return how many they were."""
        new = await inbox.take_in(connection, messages)
        by_handler: dict[Handler, list[Message[Any]]] = {}
        for message in new:
            by_handler.setdefault(self._handlers[message.envelope.type], []).append(message)
        for handler, group in by_handler.items():
            tracing.begin(group[0].envelope.traceparent)
            await handler(connection, group)
        return len(new)
