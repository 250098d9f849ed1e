"""The delivery context on its real database."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from chassis.database import Database
from delivery.consumers import SUBSCRIPTIONS
from tests.conftest import Emptied
from tests.support.messages import Listener
from tests.support.running import Running, running


@pytest.fixture
async def database(emptied: Emptied) -> Database:
    """Give the context's database with nothing in it."""
    return await emptied("delivery")


@pytest.fixture
def listener(database: Database) -> Listener:
    """Give the context's ears."""
    return Listener(database, "delivery", SUBSCRIPTIONS)


@pytest.fixture(scope="module")
async def service(database_urls: dict[str, str]) -> AsyncIterator[Running]:
    """Run the service without Kafka: it answers, and its events wait in the outbox."""
    async with running("delivery", database_urls["delivery"]) as found:
        yield found


@pytest.fixture
def http(service: Running, database: Database) -> httpx2.AsyncClient:
    """Give a client of the service, whose database has nothing in it."""
    return service.http
