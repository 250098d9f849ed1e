"""Servers that somebody else runs."""

from collections.abc import Mapping

import asyncpg

from local.kafka_ready import serves
from local.provision import provision
from local.trouble import Trouble


async def require_external_kafka(bootstrap: str) -> None:
    """Raise one sentence when no broker answers."""
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        if port.isdecimal() and await serves(host, int(port)):
            return
    raise Trouble(
        f"No Kafka answers at {bootstrap} (OA_KAFKA_BOOTSTRAP): start it, or unset the variable "
        "to use the embedded one."
    )


async def provision_or_say_why(admin_url: str, passwords: Mapping[str, str]) -> dict[str, str]:
    """Create roles and databases; raise one sentence when the server does not let us."""
    try:
        return await provision(admin_url, passwords)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Trouble(
            f"Cannot create roles and databases in PostgreSQL ({error}): check OA_DATABASE_URL, which must "
            "be an administrator's, or unset it to use the embedded server."
        ) from error
