"""The end of the grace, with the service running on real Kafka: "unknown" is said only when all was read."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from chassis.database import Database
from delivery.grace import ROUND_SECONDS
from shared_events.delivery import UnregisteredProductRentalCanceled
from shared_events.topics import DELIVERY_EVENTS, PRODUCT_EVENTS, RENTAL_EVENTS
from tests.conftest import Emptied
from tests.delivery.deciding import delivery, ordered, registered
from tests.support.broker import heard, tell
from tests.support.eventually import eventually
from tests.support.running import Running, running

GRACE_SECONDS = 0.4
_numbers = count(1_000_000)


@pytest.fixture(scope="module")
async def listening(bootstrap: str, database_urls: dict[str, str]) -> AsyncIterator[Running]:
    """Run delivery with a short grace."""
    grace = {"OA_GRACE_SECONDS": str(GRACE_SECONDS)}
    async with running("delivery", database_urls["delivery"], bootstrap=bootstrap, **grace) as service:
        yield service


@pytest.fixture
async def service(listening: Running, emptied: Emptied) -> Running:
    """Give delivery with nothing in its database."""
    await emptied("delivery")
    return listening


@pytest.fixture
def number() -> int:
    """Give an id that no message in the topics has yet."""
    return next(_numbers)


async def becomes(database: Database, rental_id: int, status: str) -> None:
    """Wait until an order stands so."""

    async def so() -> None:
        row = await database.pool.fetchrow("SELECT status FROM deliveries WHERE id = $1", rental_id)
        assert row is not None, "not heard of yet"
        assert row["status"] == status

    await eventually(so)


async def is_over(moment: datetime | None) -> None:
    """Wait until a moment has passed."""

    async def passed() -> None:
        assert moment is not None
        assert moment < datetime.now(UTC)

    await eventually(passed)


async def test_an_order_of_a_product_that_nobody_registered_is_refused_after_the_grace(
    service: Running, database: Database, bootstrap: str, number: int
) -> None:
    await tell(bootstrap, RENTAL_EVENTS, ordered(number, product_id=number))
    await becomes(database, number, "WAITING")
    decide_by = (await delivery(database, number)).decide_by
    await becomes(database, number, "CANCELED_UnregisteredProduct")
    await is_over(decide_by)

    async def announced() -> None:
        refusal = UnregisteredProductRentalCanceled(rental_id=number, product_id=number, qty=3)
        moments = [m.envelope.time for m in await heard(bootstrap, DELIVERY_EVENTS) if m.event == refusal]
        assert len(moments) == 1
        assert decide_by is not None
        assert moments[0] >= decide_by

    await eventually(announced)


async def test_an_order_that_comes_just_before_its_product_is_delivered(
    service: Running, database: Database, bootstrap: str, number: int
) -> None:
    await tell(bootstrap, RENTAL_EVENTS, ordered(number, product_id=number))
    await tell(bootstrap, PRODUCT_EVENTS, registered(9, number))
    await becomes(database, number, "DELIVERED")


async def test_an_order_is_not_refused_while_what_product_announced_is_still_unread(
    service: Running, database: Database, bootstrap: str, number: int
) -> None:
    await tell(bootstrap, RENTAL_EVENTS, ordered(number, product_id=number))
    await becomes(database, number, "WAITING")
    registration = registered(9, number)
    async with database.pool.acquire() as connection:
        blocking = connection.transaction()
        await blocking.start()
        # Whoever takes the registration in has to wait for us.
        await connection.execute("INSERT INTO inbox (event_id) VALUES ($1)", registration.envelope.id)
        await tell(bootstrap, PRODUCT_EVENTS, registration)
        decide_by = (await delivery(database, number)).decide_by
        assert decide_by is not None
        await is_over(decide_by + 3 * timedelta(seconds=ROUND_SECONDS))
        assert (await delivery(database, number)).status == "WAITING"
        assert not await service.runtime.consumer.has_read(
            await service.runtime.consumer.ends(PRODUCT_EVENTS)
        )
        await blocking.rollback()
    await becomes(database, number, "DELIVERED")
