"""Commands: load, decide, evolve, save; each is one transaction."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from chassis import tracing
from chassis.database import Connection, Database
from chassis.message import Message
from chassis.outbox import Announcement
from rental import store
from rental.domain import rental as domain
from rental.domain.rental import DeliveryFact, Fact, Rental, evolve
from shared_events.rental import RentalCanceled


async def order(database: Database, product_id: int, qty: int, said_name: str | None) -> Rental:
    """Take an order: the answer waits for our own database, and for nothing else."""
    async with database.connection() as connection:
        rental_id, known_name = await store.next_order(connection, product_id)
        fact = domain.order(rental_id, product_id, qty, known_name, said_name)
        rental = domain.ordered(fact)
        await store.add(connection, rental, Announcement(fact, rental.announced, datetime.now(UTC)))
    return rental


async def begin_cancel(database: Database, rental_id: int, cancel_id: UUID, patience: timedelta) -> Rental:
    """Store the intent to cancel, before delivery is called."""
    due = datetime.now(UTC) + patience
    return await _change(database, rental_id, lambda rental: domain.begin_cancel(rental, cancel_id, due))


async def give_up_cancel(database: Database, rental_id: int, cancel_id: UUID) -> Rental:
    """Delivery certainly did not hear of it: the rental goes back to where it was."""
    return await _change(database, rental_id, lambda rental: domain.give_up_cancel(rental, cancel_id))


async def confirm_cancel(database: Database, rental_id: int) -> Rental:
    """Delivery is cancelled: the rental follows and announces it."""
    return await _change(database, rental_id, domain.confirm_cancel)


async def repeat_overdue_cancels(
    database: Database, cancel_id: UUID, patience: timedelta, most: int
) -> list[Rental]:
    """Take over cancels whose attempt ended in nobody knows what."""

    async def work(connection: Connection) -> list[Rental]:
        now = datetime.now(UTC)
        before = await store.load_overdue_cancels(connection, now, most)
        after = [_fold(rental, domain.repeat_cancel(rental, cancel_id, now + patience)) for rental in before]
        await store.save(connection, after, [])
        return after

    return await database.run(work)


async def follow_delivery(connection: Connection, messages: Sequence[Message[DeliveryFact]]) -> None:
    """Follow what delivery decided, a batch of rentals at a time."""
    now = datetime.now(UTC)
    before = await store.load(connection, {message.event.rental_id for message in messages})
    after = dict(before)
    announcements = []
    for message in messages:
        rental_id = message.event.rental_id
        if rental_id not in before:
            raise LookupError(f"delivery speaks of rental {rental_id}, which is not known here")
        facts = domain.hear_delivery(after[rental_id], message.event)
        after[rental_id] = _fold(after[rental_id], facts)
        announcements += _announcements(after[rental_id], facts, now, message.envelope.traceparent)
    await store.save(connection, [r for r in after.values() if r != before[r.id]], announcements)


async def _change(database: Database, rental_id: int, decide: Callable[[Rental], list[Fact]]) -> Rental:
    async def work(connection: Connection) -> Rental:
        before = (await store.load(connection, [rental_id])).get(rental_id)
        if before is None:
            raise LookupError(f"no rental {rental_id}")
        facts = decide(before)
        after = _fold(before, facts)
        if after is not before:
            announcements = _announcements(after, facts, datetime.now(UTC), tracing.current())
            await store.save(connection, [after], announcements)
        return after

    return await database.run(work)


def _fold(rental: Rental, facts: Sequence[Fact]) -> Rental:
    for fact in facts:
        rental = evolve(rental, fact)
    return rental


def _announcements(
    after: Rental, facts: Sequence[Fact], now: datetime, traceparent: str | None
) -> list[Announcement]:
    """Pick what the world is told: a cancel that stands. The rest is delivery's news, or nobody's."""
    return [
        Announcement(fact, after.announced, now, traceparent)
        for fact in facts
        if isinstance(fact, RentalCanceled)
    ]
