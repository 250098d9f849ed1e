"""Each context has a database that no other role can enter: asked of a real PostgreSQL."""

import secrets
from collections.abc import AsyncIterator, Mapping
from itertools import permutations

import asyncpg
import pytest

from local.provision import context_url, provision

CONTEXTS = ("closed_one", "closed_two", "Odd-Name")


@pytest.fixture
async def urls(admin_url: str) -> AsyncIterator[Mapping[str, str]]:
    """Databases of this test's own, on the server of the whole run."""
    yield await provision(admin_url, {context: secrets.token_urlsafe() for context in CONTEXTS})
    administrator = await asyncpg.connect(admin_url)
    for context in CONTEXTS:
        await administrator.execute(f'DROP DATABASE "{context}" WITH (FORCE)')
        await administrator.execute(f'DROP ROLE "{context}"')
    await administrator.close()


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_a_role_owns_its_database(urls: Mapping[str, str]) -> None:
    for context, url in urls.items():
        assert await ask(url, "SELECT current_user || current_database()") == context + context
        await ask(url, "CREATE TABLE own (id int)")


@pytest.mark.parametrize(("role", "database"), [*permutations(CONTEXTS, 2)])
async def test_a_role_cannot_connect_to_anothers_database(
    urls: Mapping[str, str], role: str, database: str
) -> None:
    foreign = urls[role].removesuffix(role) + database
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
        await asyncpg.connect(foreign)


async def test_a_role_can_make_neither_roles_nor_databases(urls: Mapping[str, str]) -> None:
    for attempt in ("CREATE DATABASE more", "CREATE ROLE more", "ALTER ROLE closed_one SUPERUSER"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ask(urls["closed_one"], attempt)


async def test_again_changes_the_password_and_keeps_the_data(admin_url: str, urls: Mapping[str, str]) -> None:
    await ask(urls["closed_one"], "CREATE TABLE kept (id int)")
    renewed = await provision(admin_url, {"closed_one": 'it\'s "quoted" 100 % : / @'})
    assert await ask(renewed["closed_one"], "SELECT count(*) FROM kept") == 0
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(urls["closed_one"])


async def test_an_administrator_who_is_no_superuser_can_do_it(admin_url: str) -> None:
    await ask(admin_url, "CREATE ROLE manager LOGIN CREATEDB CREATEROLE PASSWORD 'managing'")
    manager = context_url(admin_url, "manager", "managing").removesuffix("manager") + "postgres"
    try:
        urls = await provision(manager, {"managed": "secret"})
        assert await ask(urls["managed"], "SELECT current_user::text") == "managed"
        await provision(manager, {"managed": "secret"})
    finally:
        for leftover in ("DATABASE managed", "ROLE managed", "ROLE manager"):
            await ask(admin_url, f"DROP {leftover}")


def test_a_contexts_address_keeps_the_servers_options() -> None:
    url = context_url("postgresql://admin:x@db.example:6432/postgres?sslmode=require", "rental", "a/b")
    assert url == "postgresql://rental:a%2Fb@db.example:6432/rental?sslmode=require"
