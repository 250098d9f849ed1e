"""The migrated schema is the one that tables.py describes, and there is a way back."""

import asyncio
from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from chassis.migrate import config_for, upgrade
from tests.support.databases import CONTEXTS

# What alembic does not compare: checks, generated columns, defaults, and how an index is built.
CATALOGUE = """
    SELECT 'column', c.relname || '.' || a.attname,
           concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
                     pg_get_expr(d.adbin, d.adrelid))
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
"""


def metadata_of(context: str) -> MetaData:
    """Give what a context's tables.py describes."""
    found: MetaData = import_module(f"{context}.tables").metadata
    return found


@pytest.fixture(scope="module")
async def blank_database(admin_url: str) -> str:
    """Create a database for these tests."""
    administrator = await asyncpg.connect(admin_url)
    await administrator.execute("CREATE DATABASE blank")
    await administrator.close()
    return urlsplit(admin_url)._replace(path="/blank").geturl()


@pytest.fixture
async def blank(blank_database: str) -> str:
    """Give the address of a database with nothing in it."""
    connection = await asyncpg.connect(blank_database)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.close()
    return blank_database


@pytest.fixture
async def engine(blank: str) -> AsyncIterator[AsyncEngine]:
    """Give SQLAlchemy's way to it."""
    created = create_async_engine(blank.replace("postgresql://", "postgresql+asyncpg://", 1))
    yield created
    await created.dispose()


async def catalogue(url: str) -> set[tuple[Any, ...]]:
    """Describe every column, constraint and index."""
    connection = await asyncpg.connect(url)
    try:
        return {tuple(row) for row in await connection.fetch(CATALOGUE) if "alembic" not in row[1]}
    finally:
        await connection.close()


# Of a generated column alembic compares the text, which PostgreSQL rewrites; the next test compares those.
@pytest.mark.filterwarnings("ignore:Computed default on my_orders")
@pytest.mark.parametrize("context", CONTEXTS)
async def test_alembic_sees_no_difference(context: str, blank: str, engine: AsyncEngine) -> None:
    await asyncio.to_thread(upgrade, context, blank)

    def differences(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True}
        return list(
            compare_metadata(MigrationContext.configure(connection, opts=options), metadata_of(context))
        )

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.parametrize("context", CONTEXTS)
async def test_the_catalogue_sees_no_difference(
    context: str, blank: str, engine: AsyncEngine, database_urls: dict[str, str]
) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(metadata_of(context).create_all)
    described = await catalogue(blank)
    assert await catalogue(database_urls[context]) == described
    assert len(described) > 25


@pytest.mark.parametrize("context", CONTEXTS)
async def test_downgrading_leaves_nothing_and_upgrading_again_works(context: str, blank: str) -> None:
    await asyncio.to_thread(upgrade, context, blank)
    upgraded = await catalogue(blank)
    await asyncio.to_thread(command.downgrade, config_for(context, blank), "base")
    assert await catalogue(blank) == set()
    await asyncio.to_thread(upgrade, context, blank)
    assert await catalogue(blank) == upgraded


async def test_upgrading_what_is_up_to_date_changes_nothing(blank: str) -> None:
    await asyncio.to_thread(upgrade, "rental", blank)
    upgraded = await catalogue(blank)
    await asyncio.to_thread(upgrade, "rental", blank)
    assert await catalogue(blank) == upgraded


async def test_no_context_shares_its_metadata_with_another() -> None:
    assert len({id(metadata_of(context)) for context in CONTEXTS}) == len(CONTEXTS)


async def test_a_version_that_is_older_than_the_schema_leaves_it_alone(blank: str) -> None:
    await asyncio.to_thread(upgrade, "product", blank)
    connection = await asyncpg.connect(blank)
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await asyncio.to_thread(upgrade, "product", blank)
    assert await connection.fetchval("SELECT version_num FROM alembic_version") == "9999"
    await connection.close()


async def test_a_migration_takes_the_address_that_a_service_takes(blank: str) -> None:
    await asyncio.to_thread(upgrade, "product", f"{blank}?sslmode=disable")
    assert await catalogue(blank)
