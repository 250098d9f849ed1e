"""The relay: every event that was committed reaches Kafka, in order per key, whatever is killed."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from chassis import relay
from chassis.database import Database
from chassis.relay import LEADER_LOCK, Relay
from chassis.settings import Settings
from tests.support.background import going
from tests.support.broker import heard, read
from tests.support.counted import count_up, numbers
from tests.support.databases import rows
from tests.support.eventually import eventually

COUNTERS = range(1, 7)


@asynccontextmanager
async def relaying(settings: Settings, database: Database, how_many: int = 1) -> AsyncIterator[list[Relay]]:
    """Run relays, as so many replicas of a service do, each told of every commit."""
    relays = [Relay(settings, database.url, f"chassis-{number}") for number in range(how_many)]

    def hint_all() -> None:
        for one in relays:
            one.hint()

    database.committed = hint_all
    async with AsyncExitStack() as stack:
        for one in relays:
            await stack.enter_async_context(going(one.run))
        yield relays


async def commit(database: Database, counter: int, note: str = "") -> None:
    """Count up, in a transaction of its own."""
    async with database.transaction() as connection:
        await count_up(connection, counter, note)


async def outbox_is_empty(database: Database, within: float = 15) -> None:
    """Wait until everything was sent and acknowledged."""

    async def empty() -> None:
        left = await rows(database, "outbox")
        assert not left, f"{len(left)} rows are left, the first is {left[0]}"

    await eventually(empty, within)


async def leader_of(relays: Sequence[Relay]) -> Relay:
    """Wait until one of them leads."""

    async def one_leads() -> Relay:
        leaders = [one for one in relays if one.leads]
        assert len(leaders) == 1, f"{len(leaders)} of {len(relays)} lead"
        return leaders[0]

    return await eventually(one_leads)


async def kill_the_leaders_connection(database: Database) -> None:
    """End the session that holds the lock, as a failover of the database does."""
    await database.pool.execute(
        """SELECT pg_terminate_backend(pid) FROM pg_locks
           WHERE locktype = 'advisory' AND granted AND objid = $1""",
        LEADER_LOCK,
    )


async def write_for_a_while(database: Database, commits: int, seed: int) -> None:
    """Count up at random, now and then slowly, so that low ids commit late."""
    chance = random.Random(seed)  # noqa: S311 - a load, not a secret
    for _ in range(commits):
        async with database.transaction() as connection:
            await count_up(connection, chance.choice(COUNTERS))
            if chance.random() < 0.2:
                await asyncio.sleep(0.01)


async def assert_nothing_is_missing_or_overtaken(bootstrap: str, database: Database, topic: str) -> None:
    """See every fact of every counter in the topic, at least once, first seen in its order."""
    counted = {row["id"]: row["number"] for row in await rows(database, "counters")}
    seen = numbers(await heard(bootstrap, topic))
    first_seen = {counter: list(dict.fromkeys(found)) for counter, found in seen.items()}
    assert first_seen == {counter: list(range(1, number + 1)) for counter, number in counted.items()}


async def test_what_was_committed_is_sent_and_then_deleted(
    bootstrap: str, kafka_settings: Settings, database: Database, created: str
) -> None:
    for counter in (1, 2, 1):
        await commit(database, counter)
    async with relaying(kafka_settings, database):
        await outbox_is_empty(database)
    assert numbers(await heard(bootstrap, created)) == {1: [1, 2], 2: [1]}


async def test_one_of_three_relays_leads(kafka_settings: Settings, database: Database, created: str) -> None:
    async with relaying(kafka_settings, database, 3) as relays:
        for _ in range(20):
            await commit(database, 1)
            assert sum(one.leads for one in relays) <= 1
        await leader_of(relays)
        await outbox_is_empty(database)


async def test_a_row_that_commits_late_with_a_lower_id_is_not_lost(
    bootstrap: str, kafka_settings: Settings, database: Database, created: str
) -> None:
    async with relaying(kafka_settings, database):
        async with database.transaction() as slow:
            await count_up(slow, 1)
            await commit(database, 2)

            async def the_quick_one_was_sent() -> None:
                assert numbers(await heard(bootstrap, created)) == {2: [1]}

            await eventually(the_quick_one_was_sent)
        await outbox_is_empty(database)
    assert numbers(await heard(bootstrap, created)) == {1: [1], 2: [1]}


async def test_three_relays_under_load_lose_nothing_and_keep_the_order_of_each_key(
    bootstrap: str, kafka_settings: Settings, database: Database, created: str
) -> None:
    async with relaying(kafka_settings, database, 3):
        await asyncio.gather(*(write_for_a_while(database, 40, seed) for seed in range(6)))
        await outbox_is_empty(database)
    await assert_nothing_is_missing_or_overtaken(bootstrap, database, created)


async def test_a_leader_whose_connection_is_killed_is_followed_by_another_and_nothing_is_lost(
    bootstrap: str, kafka_settings: Settings, database: Database, created: str
) -> None:
    async with relaying(kafka_settings, database, 3) as relays:
        writers = asyncio.gather(*(write_for_a_while(database, 40, seed) for seed in range(6)))
        for _ in range(3):
            await leader_of(relays)
            await kill_the_leaders_connection(database)
        await writers
        await leader_of(relays)
        await outbox_is_empty(database)
    await assert_nothing_is_missing_or_overtaken(bootstrap, database, created)


async def test_a_replica_that_does_not_lead_passes_the_hint_on(
    kafka_settings: Settings, database: Database, created: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with relaying(kafka_settings, database, 2) as relays:
        leader = await leader_of(relays)
        monkeypatch.setattr(relay, "POLL_SECONDS", 600)  # from now on only hints
        [follower] = [one for one in relays if one is not leader]
        await commit(database, 1)  # both go back to sleep with the new patience
        await outbox_is_empty(database)
        database.committed = follower.hint
        await commit(database, 1)
        await outbox_is_empty(database, within=5)  # after 10 s the server would end the leader's idle session


async def test_a_commit_that_nobody_hints_at_is_found_by_the_poll(
    kafka_settings: Settings, database: Database, created: str
) -> None:
    async with relaying(kafka_settings, database) as relays:
        await leader_of(relays)
        database.committed = lambda: None
        await commit(database, 1)
        await outbox_is_empty(database)


async def test_the_key_is_the_aggregate_so_its_facts_share_a_partition(
    bootstrap: str, kafka_settings: Settings, database: Database, created: str
) -> None:
    for counter in (*COUNTERS, *COUNTERS):
        await commit(database, counter)
    async with relaying(kafka_settings, database):
        await outbox_is_empty(database)
    found = await read(bootstrap, created)
    partitions = {one.key: {other.partition for other in found if other.key == one.key} for one in found}
    assert {key: len(where) for key, where in partitions.items()} == {b"%d" % c: 1 for c in COUNTERS}
