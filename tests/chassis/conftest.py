"""A make-believe context: the messaging tables on a real database, an event, and a topic for each test."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.database import Database
from chassis.settings import Settings
from chassis.tables import NAMING, messaging_tables
from local.provision import provision
from shared_events.topics import EVENT_TYPES, ROUTES, Route
from tests.chassis.consuming import Scene
from tests.support import broker, counted
from tests.support.databases import PASSWORD, empty


@pytest.fixture(scope="session")
async def chassis_database(admin_url: str) -> AsyncIterator[Database]:
    """Create the database, once."""
    url = (await provision(admin_url, {"chassis": PASSWORD}))["chassis"]
    metadata = MetaData(naming_convention=NAMING)
    messaging_tables(metadata)
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    database = Database(url, "chassis", 16)
    await database.open()
    await counted.prepare(database)
    yield database
    await database.close()


@pytest.fixture
async def database(chassis_database: Database) -> Database:
    """Give the database with nothing in it."""
    await empty(chassis_database)
    chassis_database.committed = lambda: None
    return chassis_database


@pytest.fixture
def kafka_settings(bootstrap: str) -> Settings:
    """Give settings that name the broker."""
    return Settings(kafka_bootstrap=bootstrap)


@pytest.fixture
def group() -> str:
    """Name a service, and so a consumer group, that nobody else is."""
    return f"service-{uuid4().hex[:8]}"


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> str:
    """Let Counted travel in a topic that no other test uses, still to be created."""
    name = f"{uuid4().hex[:8]}.events"
    routes: dict[Any, Route] = ROUTES
    monkeypatch.setitem(routes, counted.Counted, Route(name, "counters", lambda event: event.counter))
    monkeypatch.setitem(EVENT_TYPES, "Counted", counted.Counted)
    return name


@pytest.fixture
async def created(bootstrap: str, topic: str) -> str:
    """Give that topic, created."""
    await broker.create_topic(bootstrap, topic)
    return topic


@pytest.fixture
def scene(kafka_settings: Settings, database: Database, created: str, group: str) -> Scene:
    """Give everything that a consumer needs."""
    return Scene(kafka_settings, database, created, group)
