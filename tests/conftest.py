"""One real PostgreSQL and one real Kafka for the whole run, started by the first test that needs them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from chassis.database import Database
from local.paths import temporary_directory
from tests.support import servers
from tests.support.databases import empty, prepare

# A busy machine is no failure, and whatever fails once is printed so that it can be had again.
settings.register_profile("tests", deadline=None, print_blob=True)
settings.load_profile("tests")


def pytest_configure(config: pytest.Config) -> None:
    """Overlook one leak: aiokafka forgets the connection that it is opening when its start is cancelled."""
    config.addinivalue_line("filterwarnings", "ignore:Unclosed AIOKafkaConnection:ResourceWarning")


Emptied = Callable[[str], Awaitable[Database]]


@pytest.fixture(scope="session")
def server_directory() -> Iterator[Path]:
    """Give a directory that PostgreSQL's own user may enter, unlike pytest's."""
    with temporary_directory() as directory:
        yield directory


@pytest.fixture(scope="session")
async def admin_url(server_directory: Path) -> AsyncIterator[str]:
    """Give the address of PostgreSQL's administrator."""
    async with servers.postgres(server_directory / "postgres") as url:
        yield url


@pytest.fixture(scope="session")
async def bootstrap(server_directory: Path) -> AsyncIterator[str]:
    """Give the address of Kafka."""
    async with servers.kafka(server_directory / "kafka") as address:
        yield address


@pytest.fixture(scope="session")
async def database_urls(admin_url: str) -> dict[str, str]:
    """Give the addresses of the contexts' databases, migrated."""
    return await prepare(admin_url)


@pytest.fixture(scope="session")
async def databases(database_urls: dict[str, str]) -> AsyncIterator[dict[str, Database]]:
    """Open every context's database once."""
    opened = {context: Database(url, context, 16) for context, url in database_urls.items()}
    for database in opened.values():
        await database.open()
    yield opened
    for database in opened.values():
        await database.close()


@pytest.fixture
def emptied(databases: dict[str, Database]) -> Emptied:
    """Give a way to a context's database with nothing in it."""

    async def give(context: str) -> Database:
        await empty(databases[context])
        return databases[context]

    return give
