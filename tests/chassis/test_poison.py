"""A message that cannot be handled goes to the dead letters, with its key, and nothing else does."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest

from chassis import deadletters
from chassis.consumer import Consumer
from chassis.database import Connection
from chassis.message import Message
from tests.chassis.consuming import Scene, counted
from tests.support import broker
from tests.support.counted import Counted, effects, write_down
from tests.support.databases import rows
from tests.support.eventually import eventually
from tests.support.messages import record

UNLUCKY = 13
Headers = list[tuple[str, Any]]


def without(headers: Headers, name: str) -> Headers:
    """Leave a header out."""
    return [(other, value) for other, value in headers if other != name]


UNREADABLE: dict[str, Callable[[Headers, bytes], tuple[Headers, bytes | None]]] = {
    "no headers": lambda _headers, value: ([], value),
    "no JSON": lambda headers, _value: (headers, b"\xff not JSON"),
    "no value": lambda headers, _value: (headers, None),
    "another shape": lambda headers, _value: (headers, b'{"counter": "one"}'),
    "beyond counting": lambda headers, _value: (headers, b'{"counter": 99999999999999999999, "number": 1}'),
    "no version": lambda headers, value: (without(headers, "ce_aggregateversion"), value),
    "a broken id": lambda headers, value: ([*without(headers, "ce_id"), ("ce_id", b"7")], value),
    "an id of any bytes": lambda headers, value: (
        [*without(headers, "ce_id"), ("ce_id", b"\x00\xff")],
        value,
    ),
    "a null id": lambda headers, value: ([*without(headers, "ce_id"), ("ce_id", None)], value),
    "a null type": lambda headers, value: ([*without(headers, "ce_type"), ("ce_type", None)], value),
}


async def unlucky(connection: Connection, messages: Sequence[Message[Counted]]) -> None:
    """Fail on one number."""
    await write_down(connection, messages)
    if any(message.event.number == UNLUCKY for message in messages):
        raise ValueError("thirteen")


def ids(messages: Sequence[Message[Counted]]) -> list[UUID]:
    """Give the ids of the events."""
    return [message.envelope.id for message in messages]


async def test_a_poison_message_holds_back_its_own_key_in_order_and_no_other(scene: Scene) -> None:
    await scene.tell(*(counted(counter, number) for number in (12, UNLUCKY, 14) for counter in (1, 2)))
    await scene.tell(*(counted(3, number) for number in (1, 2, 3)))
    async with scene.consuming(unlucky):
        await scene.becomes({1: [12], 2: [12], 3: [1, 2, 3]})
        await scene.tell(counted(1, 15), counted(3, 4), counted(2, 15))
        await scene.becomes({1: [12], 2: [12], 3: [1, 2, 3, 4]})
        await scene.commits(12)
    found = await scene.dead_letters()
    behind = "waits behind an earlier message of its key"
    for key in (b"1", b"2"):
        reasons = [reason for parked, reason in found if parked == key]
        assert reasons == ["ValueError: thirteen", behind, behind]


async def test_redriving_keeps_the_order_and_the_ids(scene: Scene) -> None:
    messages = [counted(1, number) for number in (12, UNLUCKY, 14, 15)]
    await scene.tell(*messages)
    async with scene.consuming(unlucky):
        await scene.commits(4)
    mended = Consumer(scene.settings, scene.database, scene.group, {Counted: write_down})
    assert await deadletters.waiting(scene.database.pool) == [(scene.topic, b"1", 3, "ValueError: thirteen")]
    redriven = await deadletters.redrive(scene.database, scene.topic, b"1", mended.handle_record)
    assert redriven == 3
    assert await effects(scene.database) == {1: [12, UNLUCKY, 14, 15]}
    assert await scene.dead_letters() == []
    inbox = {row["event_id"] for row in await rows(scene.database, "inbox")}
    assert inbox == set(ids(messages))


async def test_after_a_redrive_the_key_goes_on(scene: Scene) -> None:
    await scene.tell(counted(1, UNLUCKY))
    async with scene.consuming(unlucky):
        await scene.commits(1)
    mended = Consumer(scene.settings, scene.database, scene.group, {Counted: write_down})
    await deadletters.redrive(scene.database, scene.topic, b"1", mended.handle_record)
    async with scene.consuming():
        await scene.tell(counted(1, 14))
        await scene.becomes({1: [UNLUCKY, 14]})


async def test_a_redrive_stops_at_what_still_cannot_be_handled_and_keeps_it(scene: Scene) -> None:
    await scene.tell(counted(1, UNLUCKY), counted(1, 14))
    async with scene.consuming(unlucky):
        await scene.commits(2)
    before = await scene.dead_letters()
    still = Consumer(scene.settings, scene.database, scene.group, {Counted: unlucky})
    with pytest.raises(ValueError, match="thirteen"):
        await deadletters.redrive(scene.database, scene.topic, b"1", still.handle_record)
    assert await scene.dead_letters() == before
    assert await effects(scene.database) == {}


async def test_a_message_that_was_parked_twice_has_its_effect_once(scene: Scene) -> None:
    late = counted(1, 14)
    await scene.tell(counted(1, UNLUCKY), late, late)
    async with scene.consuming(unlucky):
        await scene.commits(3)
    mended = Consumer(scene.settings, scene.database, scene.group, {Counted: write_down})
    await deadletters.redrive(scene.database, scene.topic, b"1", mended.handle_record)
    assert await effects(scene.database) == {1: [UNLUCKY, 14]}


@pytest.mark.parametrize("what", UNREADABLE)
async def test_what_cannot_be_read_is_kept_as_it_came_and_the_next_key_goes_on(
    scene: Scene, what: str
) -> None:
    good = record(counted(1, 1))
    headers, value = UNREADABLE[what](good.headers, good.value or b"")
    await scene.write(broker.Bare(b"1", value, headers), record(counted(2, 1)), partition=0)
    async with scene.consuming():
        await scene.becomes({2: [1]})
        await scene.commits(2)
    [letter] = await rows(scene.database, "dead_letters")
    assert (letter["key"], letter["value"]) == (b"1", value)


@pytest.mark.parametrize("reason", ["NUL \x00", "half a pair \ud800"])
async def test_whatever_the_reason_says_the_message_is_kept(scene: Scene, reason: str) -> None:
    async def fail(connection: Connection, messages: Sequence[Message[Counted]]) -> None:
        if any(message.event.counter == 1 for message in messages):
            raise ValueError(reason)
        await write_down(connection, messages)

    await scene.write(record(counted(1, 1)), record(counted(2, 1)), partition=0)
    async with scene.consuming(fail):
        await scene.becomes({2: [1]})
    assert [key for key, _ in await scene.dead_letters()] == [b"1"]


async def test_a_message_without_a_key_holds_nobody_back(scene: Scene) -> None:
    first, second = record(counted(1, 1)), record(counted(1, 2))
    nobodys = broker.Bare(None, b"?", first.headers)
    await scene.write(nobodys, first, nobodys, second, partition=0)
    async with scene.consuming():
        await scene.becomes({1: [1, 2]})

        async def both_are_kept() -> None:
            assert [key for key, _ in await scene.dead_letters()] == [None, None]

        await eventually(both_are_kept)
