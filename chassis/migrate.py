"""Bring a context's database to the newest schema: `python -m chassis.migrate rental`."""

import asyncio
import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import asyncpg
from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.settings import settings

MIGRATION_LOCK = 0x0A_0B1  # replicas that start together migrate one after the other


def config_for(name: str, url: str) -> Config:
    """Configure Alembic for one context, without an ini file."""
    folder = Path(str(import_module(name).__file__)).parent / "migrations"
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.attributes["url"] = url
    return config


def run(metadata: MetaData) -> None:
    """Run the migrations that Alembic chose; a context's `migrations/env.py` calls it."""
    asyncio.run(_run(context.config.attributes["url"], metadata))


async def _run(url: str, metadata: MetaData) -> None:
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=partial(asyncpg.connect, url), poolclass=pool.NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(_migrate, metadata)
        await connection.commit()
    await engine.dispose()


def _migrate(connection: Connection, metadata: MetaData) -> None:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        known = {script.revision for script in context.script.walk_revisions()}
        if set(context.get_context().get_current_heads()) <= known:
            context.run_migrations()
        else:
            # A newer version of us migrated it. Migrations only expand, so this one can work with it.
            sys.stdout.write("The database is newer than this version: there is nothing to do.\n")


def upgrade(name: str, url: str) -> None:
    """Upgrade a context's database to the newest schema."""
    command.upgrade(config_for(name, url), "head")


def main(arguments: list[str]) -> Any:
    """Upgrade the context named on the command line."""
    upgrade(arguments[0], settings().database_url.get_secret_value())


if __name__ == "__main__":
    main(sys.argv[1:])
