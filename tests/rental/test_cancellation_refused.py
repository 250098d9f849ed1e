"""A delivery that is not worth calling, and one that does not trust us."""

from chassis.database import Database
from tests.conftest import Emptied
from tests.rental.both import NOT_NOW, PENDING, both_running
from tests.support.eventually import eventually
from tests.support.problems import refusal


async def test_a_delivery_that_hangs_opens_the_circuit_and_closes_it_when_it_is_back(
    databases: dict[str, Database], database_urls: dict[str, str], emptied: Emptied
) -> None:
    await emptied("rental")
    await emptied("delivery")
    async with both_running(databases, database_urls, OA_BREAKER_FAILURES="2") as both:
        rentals = [await both.order(qty=1) for _ in range(4)]
        both.wire.hang()
        answers = [refusal(await both.rental.delete(f"/rentals/{rental_id}")) for rental_id in rentals[:3]]
        assert answers == [PENDING, PENDING, NOT_NOW]
        circuit = (await both.rental.get("/health")).json()["dependencies"]["delivery"]
        assert circuit in ("circuit open", "circuit half-open")
        both.wire.move()

        async def all_cancelled() -> None:
            for rental_id in rentals:
                await both.rental.delete(f"/rentals/{rental_id}")
                assert await both.status(rental_id) == ("CANCELED", "CANCELED")

        await eventually(all_cancelled)


async def test_a_credential_that_delivery_does_not_accept_cancels_nothing(
    databases: dict[str, Database], database_urls: dict[str, str], emptied: Emptied
) -> None:
    await emptied("rental")
    await emptied("delivery")
    key = "another key that is long enough too"
    async with both_running(databases, database_urls, OA_SERVICE_KEY=key) as both:
        await both.order()
        assert refusal(await both.rental.delete("/rentals/1")) == NOT_NOW
        assert await both.status() == ("ORDERED", "DELIVERED")
