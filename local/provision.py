"""A role and a database for each context, closed to every other role."""

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

import asyncpg


async def provision(admin_url: str, passwords: Mapping[str, str]) -> dict[str, str]:
    """Create what is missing, set the passwords, and return each context's own URL."""
    connection = await asyncpg.connect(admin_url)
    try:
        for context, password in passwords.items():
            await _role(connection, context, password)
            await _database(connection, context)
    finally:
        await connection.close()
    return {context: context_url(admin_url, context, password) for context, password in passwords.items()}


def context_url(admin_url: str, context: str, password: str) -> str:
    """Address a context's database on the administrator's server; options such as sslmode stay."""
    parts = urlsplit(admin_url)
    server = parts.netloc.rpartition("@")[2]
    return parts._replace(
        netloc=f"{context}:{quote(password, safe='')}@{server}", path=f"/{context}"
    ).geturl()


async def _role(connection: asyncpg.Connection, context: str, password: str) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", context):
        await _execute(connection, "CREATE ROLE %I LOGIN", context)
    await _execute(
        connection,
        "ALTER ROLE %I LOGIN NOCREATEDB NOCREATEROLE PASSWORD %L",
        context,
        password,
    )
    if not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        # An administrator who is not a superuser may only give a database to a role that it is a member of.
        await _execute(connection, "GRANT %I TO CURRENT_USER", context)


async def _database(connection: asyncpg.Connection, context: str) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", context):
        await _execute(connection, "CREATE DATABASE %I OWNER %I", context, context)
    # Every role may connect to a new database unless it is told otherwise; its owner still may.
    await _execute(connection, "REVOKE ALL ON DATABASE %I FROM PUBLIC", context)
    await _execute(connection, "ALTER DATABASE %I OWNER TO %I", context, context)


async def _execute(connection: asyncpg.Connection, template: str, *values: str) -> None:
    """Run a statement that takes no parameters, with the server's own quoting of names and texts."""
    places = ", ".join(f"${number}::text" for number in range(2, len(values) + 2))
    statement = await connection.fetchval(f"SELECT format($1, {places})", template, *values)
    await connection.execute(statement)
