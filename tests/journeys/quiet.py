"""When a system has come to rest: everything announced is heard, and everything heard is announced."""

from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from chassis.consumer import Subscriptions
from delivery.consumers import SUBSCRIPTIONS as DELIVERY
from information.consumers import SUBSCRIPTIONS as INFORMATION
from product.consumers import SUBSCRIPTIONS as PRODUCT
from rental.consumers import SUBSCRIPTIONS as RENTAL
from shared_events.topics import topic_of
from tests.journeys.system import CONTEXTS, System
from tests.journeys.topics import reader
from tests.support.eventually import eventually

HEARS: dict[str, Subscriptions] = {
    "product": PRODUCT,
    "rental": RENTAL,
    "delivery": DELIVERY,
    "information": INFORMATION,
}
UNDECIDED = {
    "rental": "SELECT count(*) FROM rentals WHERE status IN ('ORDERED', 'CANCELING')",
    "delivery": "SELECT count(*) FROM deliveries WHERE status = 'WAITING'",
}


async def comes_to_rest(system: System, within: float = 40.0) -> None:
    """Wait until no outbox, no consumer and no order has anything left to do."""
    bootstrap = system.stack.bootstrap
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="journeys")
    async with reader(bootstrap) as consumer:
        await admin.start()
        try:

            async def rests() -> None:
                # What is consumed can lead to an announcement: look at the outboxes before and after the lag.
                waiting = await _in_outboxes(system)
                assert waiting == {}, f"there are rows in the outboxes: {waiting}"
                ends = await consumer.end_offsets(consumer.assignment())
                behind = await lag(admin, ends)
                assert behind == {}, f"consumers are behind: {behind}"
                waiting = await _in_outboxes(system)
                assert waiting == {}, f"there are rows in the outboxes: {waiting}"
                undecided = await _counts(system, UNDECIDED)
                assert undecided == {}, f"orders are not decided: {undecided}"
                assert ends == await consumer.end_offsets(consumer.assignment()), (
                    "more was announced meanwhile"
                )

            await eventually(rests, within)
        finally:
            await admin.close()


async def lag(admin: Any, ends: dict[TopicPartition, int]) -> dict[str, int]:
    """Count, for each context, the records that it has not handled."""
    behind: dict[str, int] = {}
    for context, subscriptions in HEARS.items():
        topics = {topic_of(event_type) for event_type in subscriptions}
        committed = await admin.list_consumer_group_offsets(context)
        for partition, end in ends.items():
            if partition.topic in topics:
                done = committed[partition].offset if partition in committed else 0
                if end > done:
                    behind[context] = behind.get(context, 0) + end - done
    return behind


async def _in_outboxes(system: System) -> dict[str, int]:
    return await _counts(system, dict.fromkeys(CONTEXTS, "SELECT count(*) FROM outbox"))


async def _counts(system: System, queries: dict[str, str]) -> dict[str, int]:
    counts = {context: (await system.rows(context, query))[0]["count"] for context, query in queries.items()}
    return {context: count for context, count in counts.items() if count}
