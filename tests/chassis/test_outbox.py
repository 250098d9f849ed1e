"""The outbox: an event is kept in the transaction that makes it true, or not at all."""

import pytest

from chassis import tracing
from chassis.database import Database
from chassis.outbox import announce
from tests.support.counted import count_up
from tests.support.databases import content, rows
from tests.support.messages import NOW


async def test_an_event_is_kept_with_the_change_that_it_tells(database: Database, topic: str) -> None:
    trace = tracing.begin(None)
    async with database.transaction() as connection:
        await count_up(connection, 7, "한글")
    [row] = await rows(database, "outbox")
    assert row.pop("event_id").version == 7
    assert row == {
        "id": 1,
        "topic": topic,
        "key": "7",
        "type": "Counted",
        "subject": "counters/7",
        "aggregate_version": 1,
        "occurred_at": NOW,
        "traceparent": trace,
        "payload": '{"counter":7,"number":1,"note":"한글"}',
    }
    assert await rows(database, "counters") == [{"id": 7, "number": 1}]


async def test_a_transaction_that_rolls_back_announces_nothing(database: Database, topic: str) -> None:
    before = await content(database)

    async def change_of_mind() -> None:
        async with database.transaction() as connection:
            await count_up(connection, 7)
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError):
        await change_of_mind()
    assert await content(database) == before


async def test_several_events_keep_their_order(database: Database, topic: str) -> None:
    async with database.transaction() as connection:
        for _ in range(5):
            await count_up(connection, 7)
    assert [row["aggregate_version"] for row in await rows(database, "outbox")] == [1, 2, 3, 4, 5]


async def test_nothing_to_announce_is_fine(database: Database) -> None:
    async with database.transaction() as connection:
        await announce(connection, [])
    assert await rows(database, "outbox") == []


async def test_the_relay_is_told_after_the_commit_and_only_then(database: Database, topic: str) -> None:
    seen: list[int] = []

    async with database.transaction() as connection:
        database.committed = lambda: seen.append(1)
        await count_up(connection, 7)
        assert seen == []
    assert seen == [1]

    async def change_of_mind() -> None:
        async with database.transaction() as connection:
            await count_up(connection, 7)
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError):
        await change_of_mind()
    assert seen == [1]
