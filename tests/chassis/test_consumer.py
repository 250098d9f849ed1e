"""The consumer: each event has its effect exactly once, in order per key."""

import asyncio
from collections.abc import Sequence
from typing import Any

from chassis.consumer import Consumer
from chassis.database import Connection
from chassis.message import Message
from chassis.outbox import Announcement, announce
from tests.chassis.consuming import Scene, counted
from tests.support import broker
from tests.support.background import end, going
from tests.support.counted import Counted, effects, write_down
from tests.support.databases import rows
from tests.support.messages import NOW, record


async def test_every_message_has_its_effect_in_the_order_of_its_key(scene: Scene) -> None:
    await scene.tell(*(counted(counter, number) for number in range(1, 51) for counter in (1, 2, 3)))
    async with scene.consuming():
        await scene.becomes({counter: list(range(1, 51)) for counter in (1, 2, 3)})


async def test_a_message_that_comes_again_does_nothing(scene: Scene) -> None:
    first, second = counted(1, 1), counted(1, 2)
    await scene.tell(first, first, second, first)
    async with scene.consuming():
        await scene.becomes({1: [1, 2]})
        await scene.tell(first, second, counted(1, 3))
        await scene.becomes({1: [1, 2, 3]})


async def test_a_new_group_hears_everything_from_the_beginning(scene: Scene) -> None:
    async with scene.consuming():
        await scene.tell(counted(1, 1))
        await scene.becomes({1: [1]})
    await scene.database.pool.execute("TRUNCATE effects, inbox")
    other = Scene(scene.settings, scene.database, scene.topic, f"{scene.group}-2")
    async with other.consuming():
        await scene.becomes({1: [1]})


async def test_a_consumer_that_comes_back_goes_on_where_it_was(scene: Scene) -> None:
    async with scene.consuming():
        await scene.tell(counted(1, 1))
        await scene.commits(1)
    await scene.tell(counted(1, 2))
    await scene.database.pool.execute("TRUNCATE inbox")  # now only the offset tells what was heard
    async with scene.consuming():
        await scene.becomes({1: [1, 2]})


async def test_an_event_that_nobody_here_listens_to_is_passed_over(scene: Scene) -> None:
    known = record(counted(1, 1))
    headers = [(name, b"CountedDown" if name == "ce_type" else value) for name, value in known.headers]
    await scene.write(broker.Bare(b"1", b"not even JSON", headers), known)
    async with scene.consuming():
        await scene.becomes({1: [1]})
        await scene.commits(2)
    assert await scene.dead_letters() == []


async def test_the_offset_is_committed_only_after_the_effect(scene: Scene) -> None:
    entered, may_go_on = asyncio.Event(), asyncio.Event()

    async def slow(connection: Connection, messages: Sequence[Message[Counted]]) -> None:
        await write_down(connection, messages)
        entered.set()
        await may_go_on.wait()

    await scene.tell(counted(1, 1))
    async with scene.consuming(slow):
        await asyncio.wait_for(entered.wait(), 15)
        assert await scene.committed() == 0
        assert await effects(scene.database) == {}
        may_go_on.set()
        await scene.commits(1)
    assert await effects(scene.database) == {1: [1]}


async def test_a_crash_before_the_commit_of_the_effect_repeats_the_message(scene: Scene) -> None:
    entered = asyncio.Event()

    async def hang(connection: Connection, messages: Sequence[Message[Counted]]) -> None:
        await write_down(connection, messages)
        entered.set()
        await asyncio.Event().wait()

    await scene.tell(counted(1, 1))
    crashing = Consumer(scene.settings, scene.database, scene.group, {Counted: hang})
    task = asyncio.create_task(crashing.run())
    await asyncio.wait_for(entered.wait(), 15)
    await end(task)
    async with scene.consuming():
        await scene.becomes({1: [1]})


async def test_a_crash_between_effect_and_offset_has_the_effect_once(scene: Scene) -> None:
    def crash() -> None:
        raise ConnectionError("killed right after the commit of the effect")

    await scene.tell(counted(1, 1), counted(2, 1))
    scene.database.committed = crash
    consumer = Consumer(scene.settings, scene.database, scene.group, {Counted: write_down})
    async with going(consumer.run) as interruptions:
        await scene.becomes({1: [1], 2: [1]})
    assert interruptions
    assert await scene.committed() == 0

    scene.database.committed = lambda: None
    async with scene.consuming():
        await scene.commits(2)
    assert await effects(scene.database) == {1: [1], 2: [1]}


async def test_what_a_handler_announces_is_kept_with_its_effect_or_not_at_all(scene: Scene) -> None:
    async def announce_and_fail_on_two(connection: Connection, messages: Sequence[Message[Counted]]) -> None:
        for message in messages:
            version = message.event.number
            await announce(connection, [Announcement(message.event, version, NOW)])
            if version == 2:
                raise ValueError("cannot count to two")

    await scene.tell(counted(1, 1), counted(2, 2), counted(3, 3))
    async with scene.consuming(announce_and_fail_on_two):
        await scene.commits(3)
    announced = await rows(scene.database, "outbox")
    assert sorted(row["aggregate_version"] for row in announced) == [1, 3]


async def test_two_replicas_share_the_work_and_double_nothing(scene: Scene) -> None:
    messages = [counted(counter, number) for number in range(1, 21) for counter in range(1, 10)]
    async with scene.consuming():
        await scene.tell(*messages[:90])
        async with scene.consuming():
            await scene.tell(*messages[90:])
            await scene.becomes({counter: list(range(1, 21)) for counter in range(1, 10)})


async def test_a_consumer_knows_whether_its_group_has_read_all(scene: Scene) -> None:
    entered, may_go_on = asyncio.Event(), asyncio.Event()

    async def slow(_connection: Any, _messages: Any) -> None:
        entered.set()
        await may_go_on.wait()

    consumer = Consumer(scene.settings, scene.database, scene.group, {Counted: slow})
    assert not await consumer.has_read(await consumer.ends(scene.topic))
    await scene.tell(counted(1, 1))
    async with going(consumer.run):
        await asyncio.wait_for(entered.wait(), 15)
        assert not await consumer.has_read(await consumer.ends(scene.topic))
        may_go_on.set()
        await scene.commits(1)
        assert await consumer.has_read(await consumer.ends(scene.topic))
    assert not await consumer.has_read(await consumer.ends(scene.topic))


async def test_a_consumer_that_is_still_starting_has_not_read_all(scene: Scene) -> None:
    consumer = Consumer(scene.settings, scene.database, scene.group, {Counted: write_down})
    async with going(consumer.run), asyncio.timeout(15):
        while not await consumer.has_read(await consumer.ends(scene.topic)):  # noqa: ASYNC110 - every moment is tried
            await asyncio.sleep(0)
