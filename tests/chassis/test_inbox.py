"""The inbox tells a message that came again, and forgets what came long ago."""

from uuid import UUID

from chassis import inbox
from chassis.database import Database
from tests.chassis.consuming import counted
from tests.support.databases import rows


async def test_of_messages_that_come_together_each_is_new_once(database: Database, topic: str) -> None:
    first, second = counted(1, 1), counted(1, 2)
    async with database.transaction() as connection:
        assert await inbox.take_in(connection, [first, second, first]) == [first, second]
        assert await inbox.take_in(connection, [second, first]) == []


async def test_only_what_is_older_than_the_retention_is_forgotten(database: Database) -> None:
    await database.pool.execute(
        """INSERT INTO inbox (event_id, received_at) VALUES
           ('00000000-0000-0000-0000-000000000001', now() - interval '7 days 1 minute'),
           ('00000000-0000-0000-0000-000000000002', now() - interval '6 days 23 hours'),
           ('00000000-0000-0000-0000-000000000003', now())"""
    )
    await inbox.forget(database.pool, 7)
    assert [row["event_id"] for row in await rows(database, "inbox")] == [UUID(int=2), UUID(int=3)]
