"""Handling dead letters again, as `python -m chassis.redrive rental` does it."""

import pytest

from chassis.database import Database
from chassis.redrive import redrive
from rental import commands
from shared_events.delivery import Delivered, DeliveryCanceled
from tests.support.databases import announced, rows
from tests.support.messages import Listener, record, told
from tests.support.running import environment

FACTS = [
    told(Delivered(delivery_id=1, rental_id=1, product_id=5, qty=3), 1),
    told(DeliveryCanceled(delivery_id=1, rental_id=1, product_id=5, qty=3), 2),
]


@pytest.fixture
async def parked(database: Database, listener: Listener, database_urls: dict[str, str]) -> Database:
    """Let delivery speak of a rental that is not known yet."""
    await listener.takes(*map(record, FACTS))
    assert len(await rows(database, "dead_letters")) == 2
    return database


async def redriven(url: str) -> bool:
    """Redrive as the command does, with its settings from the environment."""
    with environment({"OA_DATABASE_URL": url}):
        return await redrive("rental")


async def test_once_the_cause_is_mended_the_letters_are_handled_in_order(
    parked: Database, database_urls: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    await commands.order(parked, 5, 3, None)
    assert await redriven(database_urls["rental"])
    assert "delivery.events b'1': 2 handled" in capsys.readouterr().out
    [rental] = await rows(parked, "rentals")
    assert (rental["status"], rental["delivery_id"]) == ("CANCELED", 1)
    assert len(await announced(parked)) == 2
    assert await rows(parked, "dead_letters") == []
    assert {row["event_id"] for row in await rows(parked, "inbox")} == {fact.envelope.id for fact in FACTS}


async def test_what_is_not_mended_stays_and_is_named(
    parked: Database, database_urls: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = await rows(parked, "dead_letters")
    assert not await redriven(database_urls["rental"])
    assert "delivery.events b'1': still 2" in capsys.readouterr().out
    assert await rows(parked, "dead_letters") == before
