"""The rental context on its real database."""

import pytest

from chassis.database import Database
from rental.consumers import SUBSCRIPTIONS
from tests.conftest import Emptied
from tests.support.messages import Listener


@pytest.fixture
async def database(emptied: Emptied) -> Database:
    """Give the context's database with nothing in it."""
    return await emptied("rental")


@pytest.fixture
def listener(database: Database) -> Listener:
    """Give the context's ears."""
    return Listener(database, "rental", SUBSCRIPTIONS)
