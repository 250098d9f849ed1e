"""A broken dependency is waited out: it costs no message, and no message is blamed for it."""

from collections.abc import Sequence
from dataclasses import replace

import asyncpg
import pytest

from chassis.database import Connection, Database, StaleVersionError
from chassis.message import Message
from tests.chassis.consuming import Scene, counted
from tests.support.counted import Counted, effects, write_down
from tests.support.eventually import eventually
from tests.support.proxy import wire_to


async def test_a_database_that_is_away_is_waited_out(scene: Scene) -> None:
    async with wire_to(scene.database.url) as (wire, url):
        database = Database(url, "chassis", 4)
        await database.open()
        async with replace(scene, database=database).consuming() as interruptions:
            await scene.tell(counted(1, 1))
            await scene.becomes({1: [1]})
            await wire.cut()
            await scene.tell(counted(1, 2), counted(1, 3), counted(2, 1))

            async def noticed() -> None:
                assert len(interruptions) >= 2

            await eventually(noticed)
            await wire.mend()
            await scene.becomes({1: [1, 2, 3], 2: [1]})
            await scene.commits(4)
        await database.close()
    assert await scene.dead_letters() == []


async def test_a_session_that_the_server_ends_is_no_poison(scene: Scene) -> None:
    sessions: list[int] = []

    async def write_slowly(connection: Connection, messages: Sequence[Message[Counted]]) -> None:
        await write_down(connection, messages)
        if len(sessions) < 3:
            sessions.append(await connection.fetchval("SELECT pg_backend_pid()"))
            await scene.database.pool.execute("SELECT pg_terminate_backend($1)", sessions[-1])
            await connection.fetchval("SELECT 1")

    await scene.tell(counted(1, 1), counted(1, 2))
    async with scene.consuming(write_slowly):
        await scene.becomes({1: [1, 2]})
    assert len(sessions) == 3
    assert await scene.dead_letters() == []


async def test_somebody_who_was_faster_is_no_poison(scene: Scene) -> None:
    attempts = 0

    async def stale_at_first(connection: Connection, messages: Sequence[Message[Counted]]) -> None:
        nonlocal attempts
        await write_down(connection, messages)
        attempts += 1
        if attempts < 4:
            raise StaleVersionError

    await scene.tell(counted(1, 1))
    async with scene.consuming(stale_at_first):
        await scene.becomes({1: [1]})
    assert await scene.dead_letters() == []


async def test_a_lock_that_somebody_else_holds_is_no_poison(scene: Scene) -> None:
    refused = 0

    async def impatient(connection: Connection, messages: Sequence[Message[Counted]]) -> None:
        nonlocal refused
        await connection.execute("SET LOCAL lock_timeout = '20ms'")
        try:
            await connection.execute("UPDATE counters SET number = number + 1 WHERE id = 1")
        except asyncpg.LockNotAvailableError:
            refused += 1
            raise
        await write_down(connection, messages)

    async def refused_as_a_batch_and_alone() -> None:
        assert refused >= 2

    await scene.database.pool.execute("INSERT INTO counters VALUES (1, 0)")
    await scene.tell(counted(1, 1), counted(1, 2))
    async with scene.consuming(impatient):
        async with scene.database.transaction() as elsewhere:
            await elsewhere.execute("UPDATE counters SET number = 100 WHERE id = 1")
            await eventually(refused_as_a_batch_and_alone)
        await scene.commits(2)
    assert await scene.dead_letters() == []
    assert await effects(scene.database) == {1: [1, 2]}


@pytest.mark.parametrize(
    "state",
    [
        "57014",
        "57P01",
        "53100",
        "53200",
        "53300",
        "25006",
        "40001",
        "40P01",
        "42P01",
        "55P03",
        "58030",
        "08006",
    ],
)
async def test_trouble_of_the_database_is_told_from_poison_by_its_code(scene: Scene, state: str) -> None:
    troubles = 2

    async def in_trouble(connection: Connection, messages: Sequence[Message[Counted]]) -> None:
        nonlocal troubles
        if troubles:
            troubles -= 1
            await connection.execute(
                f"DO $$ BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '{state}'; END $$"
            )
        await write_down(connection, messages)

    await scene.tell(counted(1, 1))
    async with scene.consuming(in_trouble):
        await scene.becomes({1: [1]})
        await scene.commits(1)
    assert await scene.dead_letters() == []
