"""What the relay does about events that the broker does not take."""

import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from chassis import relay, service
from chassis.database import Database
from chassis.relay import Relay
from chassis.settings import Settings
from tests.chassis.test_relay import commit, outbox_is_empty, relaying
from tests.support.broker import admin, create_topic, heard
from tests.support.counted import numbers
from tests.support.databases import rows
from tests.support.eventually import eventually

TOO_MUCH = "x" * 2_000_000
"""More than a producer sends."""


async def configure(client: AIOKafkaAdminClient, topic: str, **settings: str) -> None:
    """Change a topic's settings; named as Kafka does, with _ for a dot."""
    configs = {name.replace("_", "."): value for name, value in settings.items()}
    await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs)])


async def waiting(database: Database) -> list[tuple[str, int]]:
    """Give what is left in the outbox: keys and versions, in order."""
    return [(row["key"], row["aggregate_version"]) for row in await rows(database, "outbox")]


async def test_a_row_that_cannot_be_sent_holds_back_only_its_own_key(
    bootstrap: str,
    kafka_settings: Settings,
    database: Database,
    created: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay, "BLOCKED_SECONDS", 1.0)
    await commit(database, 1)
    await commit(database, 1, TOO_MUCH)
    await commit(database, 1)
    await commit(database, 2)
    async with relaying(kafka_settings, database):

        async def only_the_poisoned_key_waits() -> None:
            assert await waiting(database) == [("1", 2), ("1", 3)]

        await eventually(only_the_poisoned_key_waits)
        await commit(database, 2)
        await eventually(only_the_poisoned_key_waits)
        assert numbers(await heard(bootstrap, created)) == {1: [1], 2: [1, 2]}

        await database.pool.execute("UPDATE outbox SET payload = replace(payload, $1, '')", TOO_MUCH)
        await outbox_is_empty(database)
    assert numbers(await heard(bootstrap, created)) == {1: [1, 2, 3], 2: [1, 2]}


async def test_a_row_that_the_broker_refuses_holds_back_only_its_own_key(
    bootstrap: str,
    kafka_settings: Settings,
    database: Database,
    topic: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay, "BLOCKED_SECONDS", 1.0)
    await create_topic(bootstrap, topic, max_message_bytes="2000")
    await commit(database, 1, "x" * 5_000)
    await commit(database, 1)
    async with relaying(kafka_settings, database):
        for _ in range(3):
            for other in (2, 3, 4, 5):
                await commit(database, other)

        async def only_the_refused_key_waits() -> None:
            assert await waiting(database) == [("1", 1), ("1", 2)]

        await eventually(only_the_refused_key_waits)
        async with admin(bootstrap) as client:
            await configure(client, topic, max_message_bytes="20000")
        await outbox_is_empty(database)
    seen = {counter: list(dict.fromkeys(n)) for counter, n in numbers(await heard(bootstrap, topic)).items()}
    assert seen == {1: [1, 2]} | {other: [1, 2, 3] for other in (2, 3, 4, 5)}


async def test_a_topic_that_is_missing_costs_nothing(
    bootstrap: str, kafka_settings: Settings, database: Database, topic: str
) -> None:
    await commit(database, 1)
    async with relaying(kafka_settings, database):
        await create_topic(bootstrap, topic)
        await outbox_is_empty(database)
    assert numbers(await heard(bootstrap, topic)) == {1: [1]}


async def test_a_relay_that_is_cancelled_ends_whatever_it_is_at(
    kafka_settings: Settings, database: Database, created: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "BLOCKED_SECONDS", 0)  # so that it begins again and again with a new producer
    await commit(database, 1, TOO_MUCH)
    for attempt in range(40):
        task = asyncio.create_task(Relay(kafka_settings, database.url, "chassis").run())
        await asyncio.sleep(0.05 + attempt * 0.003)  # each time at another moment
        await asyncio.wait_for(service._stop([task]), 10)
        assert task.done(), f"cancelled at moment {attempt}, it went on"
