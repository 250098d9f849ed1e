"""A running consumer of Counted, and what became of what it heard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from chassis.consumer import Consumer, Handler
from chassis.database import Database
from chassis.message import Message
from chassis.settings import Settings
from tests.support import broker
from tests.support.background import going
from tests.support.counted import Counted, effects, write_down
from tests.support.databases import rows
from tests.support.eventually import eventually
from tests.support.messages import told


def counted(counter: int, number: int) -> Message[Counted]:
    """Say that a counter counted."""
    return told(Counted(counter=counter, number=number), number)


@dataclass(frozen=True)
class Scene:
    """A topic, a group, and the database in which the effects are."""

    settings: Settings
    database: Database
    topic: str
    group: str

    @asynccontextmanager
    async def consuming(self, handler: Handler = write_down) -> AsyncIterator[list[BaseException]]:
        """Run a consumer; give its interruptions."""
        consumer = Consumer(self.settings, self.database, self.group, {Counted: handler})
        async with going(consumer.run) as interruptions:
            yield interruptions

    async def tell(self, *messages: Message[Counted]) -> None:
        """Write messages into the topic."""
        await broker.tell(self.settings.kafka_bootstrap, self.topic, *messages)

    async def write(self, *records: broker.Raw, partition: int | None = None) -> None:
        """Write records into the topic, whatever they are."""
        await broker.write(self.settings.kafka_bootstrap, self.topic, *records, partition=partition)

    async def becomes(self, expected: dict[int, list[int]], within: float = 15) -> None:
        """Wait until the effects are these."""

        async def so() -> None:
            assert await effects(self.database) == expected

        await eventually(so, within)

    async def committed(self) -> int:
        """Tell how many messages the group has committed."""
        offsets = await broker.committed(self.settings.kafka_bootstrap, self.group, self.topic)
        return sum(offsets.values())

    async def commits(self, how_many: int) -> None:
        """Wait until the group has committed so many messages."""

        async def so() -> None:
            assert await self.committed() == how_many

        await eventually(so)

    async def dead_letters(self) -> list[tuple[bytes | None, str]]:
        """Give the keys and reasons of the dead letters, in order."""
        return [(row["key"], row["reason"]) for row in await rows(self.database, "dead_letters")]
