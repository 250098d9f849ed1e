"""A migrated database for each context, emptied before each test."""

import asyncio
from collections.abc import Sequence
from typing import Any

from chassis.database import Database
from chassis.migrate import upgrade
from local.provision import provision
from shared_events.event import Event
from shared_events.topics import EVENT_TYPES

CONTEXTS = ("product", "rental", "delivery", "information")
PASSWORD = "a-password-of-the-tests"

_TABLES = """
    SELECT string_agg(format('%I', relname), ', ') FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
"""


async def prepare(admin_url: str) -> dict[str, str]:
    """Create and migrate the contexts' databases; give their addresses."""
    urls = await provision(admin_url, dict.fromkeys(CONTEXTS, PASSWORD))
    for context, url in urls.items():
        await asyncio.to_thread(upgrade, context, url)
    return urls


async def empty(database: Database) -> None:
    """Forget everything, the sequences too."""
    tables = await database.pool.fetchval(_TABLES)
    await database.pool.execute(f"TRUNCATE {tables} RESTART IDENTITY")


async def announced(database: Database) -> list[Event]:
    """Give the events that wait in the outbox, in order."""
    rows = await database.pool.fetch("SELECT type, payload FROM outbox ORDER BY id")
    return [EVENT_TYPES[row["type"]].model_validate_json(row["payload"]) for row in rows]


async def versions_announced(database: Database, subject: str) -> list[int]:
    """Give the versions under which one aggregate's facts wait in the outbox."""
    rows = await database.pool.fetch(
        "SELECT aggregate_version FROM outbox WHERE subject = $1 ORDER BY id", subject
    )
    return [row["aggregate_version"] for row in rows]


async def rows(database: Database, table: str) -> list[dict[str, Any]]:
    """Give a table's content, in the order of its first column."""
    return [dict(row) for row in await database.pool.fetch(f"SELECT * FROM {table} ORDER BY 1")]


async def content(database: Database) -> dict[str, Sequence[dict[str, Any]]]:
    """Give everything that a context keeps, to see that something changed nothing."""
    names = await database.pool.fetchval(_TABLES)
    return {name: await rows(database, name) for name in names.split(", ")}


async def refuse_announcements(database: Database) -> None:
    """Let the outbox take nothing, so that a command fails in its very last step; `allow` ends it."""
    await database.pool.execute("ALTER TABLE outbox ADD CONSTRAINT ck_outbox_closed CHECK (false) NOT VALID")


async def allow_announcements(database: Database) -> None:
    """Open the outbox again."""
    await database.pool.execute("ALTER TABLE outbox DROP CONSTRAINT IF EXISTS ck_outbox_closed")
