"""Whether the servers that we are to use can be used, above all those that somebody else runs."""

import asyncpg

from local.kafka_ready import serves
from local.trouble import Trouble

OLDEST_POSTGRES = 18


async def require_kafka(bootstrap: str) -> None:
    """Raise one sentence when no broker answers."""
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        if port.isdecimal() and await serves(host, int(port)):
            return
    raise Trouble(
        f"No Kafka answers at {bootstrap} (OA_KAFKA_BOOTSTRAP): start it, or unset the variable "
        "to use the embedded one."
    )


async def require_postgres(admin_url: str) -> str:
    """Return the server's version; raise one sentence when it cannot be used."""
    try:
        connection = await asyncpg.connect(admin_url)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Trouble(
            f"Cannot connect to PostgreSQL ({error}): check OA_DATABASE_URL, "
            "or unset it to use the embedded server."
        ) from error
    try:
        version = str(await connection.fetchval("SHOW server_version"))
        may = await connection.fetchval(
            "SELECT rolsuper OR (rolcreatedb AND rolcreaterole) FROM pg_roles WHERE rolname = current_user"
        )
    finally:
        await connection.close()
    if int(version.partition(".")[0]) < OLDEST_POSTGRES:
        raise Trouble(f"PostgreSQL {version} at OA_DATABASE_URL is too old: {OLDEST_POSTGRES} is needed.")
    if not may:
        raise Trouble(
            "The user in OA_DATABASE_URL may not create roles and databases: name an administrator."
        )
    return version
