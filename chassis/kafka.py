"""How we talk to Kafka: settings that lose nothing, and topics that keep everything."""

import asyncio
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from chassis.settings import Settings

STOP_SECONDS = 1.5
FOR_EVER = {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete"}


def producer(settings: Settings, service: str) -> AIOKafkaProducer:
    """Make a producer that acknowledges what every replica has, once and in order per partition."""
    return AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap,
        client_id=service,
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=256 * 1024,
        request_timeout_ms=15_000,
    )


def consumer(settings: Settings, service: str, topics: Iterable[str]) -> AIOKafkaConsumer:
    """Make a consumer that starts at the beginning, commits when told, and is missed within 10 s."""
    return AIOKafkaConsumer(
        *topics,
        bootstrap_servers=settings.kafka_bootstrap,
        client_id=service,
        group_id=service,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=6_000,
        heartbeat_interval_ms=2_000,
        fetch_max_wait_ms=500,
        fetch_max_bytes=8 * 1024 * 1024,
        max_partition_fetch_bytes=2 * 1024 * 1024,
    )


async def stop(client: AIOKafkaProducer | AIOKafkaConsumer) -> None:
    """Stop a client; let go of a broker that does not answer, for whatever is lost here is sent again."""
    try:
        await asyncio.wait_for(client.stop(), STOP_SECONDS)
    except (TimeoutError, asyncio.CancelledError):
        # Neither class has a stop that does not wait for the broker.
        connections = client.client if isinstance(client, AIOKafkaProducer) else client._client  # noqa: SLF001
        await connections.close()
        if isinstance(client, AIOKafkaProducer):  # or it would go on sending beside its successor
            await asyncio.wait_for(client._sender.close(), STOP_SECONDS)  # noqa: SLF001
        # aiokafka cancels tasks of its own and then raises that, too; only ours is to be heard.
        if (me := asyncio.current_task()) and me.cancelling():
            raise asyncio.CancelledError from None


async def ensure_topics(settings: Settings, topics: Iterable[str]) -> None:
    """Create the topics that are not there yet."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap, request_timeout_ms=10_000)
    await admin.start()
    try:
        missing = sorted(set(topics) - set(await admin.list_topics()))
        if not missing:
            return
        answer = await admin.create_topics(
            [
                NewTopic(topic, settings.kafka_partitions, settings.kafka_replication, topic_configs=FOR_EVER)
                for topic in missing
            ]
        )
        for topic, code, *_ in answer.topic_errors:
            error: type[KafkaError] = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise error(f"cannot create topic {topic}")
    finally:
        await admin.close()
