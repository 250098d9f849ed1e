"""The servers that the tests run against: embedded, or in containers with OA_TEST_INFRA=containers."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from local.kafka import EmbeddedKafka
from local.ports import free_port
from local.postgres import EmbeddedPostgres


def _in_containers() -> bool:
    return os.environ.get("OA_TEST_INFRA", "embedded") != "embedded"


@asynccontextmanager
async def postgres(directory: Path) -> AsyncIterator[str]:
    """Run PostgreSQL and give its administrator's address."""
    if _in_containers():
        from tests.support.containers import ContainerPostgres, wanted  # noqa: PLC0415 - needs Docker's client

        assert wanted()
        container = ContainerPostgres()
        await container.start()
        try:
            yield container.admin_url
        finally:
            await container.stop()
        return
    embedded = EmbeddedPostgres(directory, free_port())
    await embedded.start()
    try:
        yield embedded.admin_url
    finally:
        await embedded.kill()  # nobody needs its data any more


@asynccontextmanager
async def kafka(directory: Path) -> AsyncIterator[str]:
    """Run Kafka and give its address."""
    if _in_containers():
        from tests.support.containers import ContainerKafka, wanted  # noqa: PLC0415 - needs Docker's client

        assert wanted()
        container = ContainerKafka()
        await container.start()
        try:
            yield container.bootstrap
        finally:
            await container.stop()
        return
    embedded = EmbeddedKafka(directory, free_port(), free_port())
    await embedded.start()
    try:
        yield embedded.bootstrap
    finally:
        await embedded.kill()  # nobody needs its data any more
