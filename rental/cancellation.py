"""Cancelling: the intent is stored, delivery is asked, and its answer (or the lack of one) decides.

No transaction is open during the call. Where nobody knows whether delivery heard, the rental stays
CANCELING and the reconciler asks again until it knows; see the table in README.md.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from uuid import UUID, uuid4

import structlog

from chassis import tracing
from chassis.credentials import issue
from chassis.http import NotSent, OutcomeUnknown
from chassis.service import Runtime
from rental import commands
from rental.domain.rental import AlreadyDecidedError, Rental, Status

log = structlog.get_logger()

ROUND_SECONDS = 0.5
MOST_PER_ROUND = 20


class CancelNotHeardError(Exception):
    """Delivery certainly did not hear of the cancel; the rental is as it was."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("delivery did not hear of the cancel")
        self.retry_after = retry_after


class CancelPendingError(Exception):
    """Nobody knows yet whether delivery heard; the reconciler finds out."""


class Answer(Enum):
    """What delivery can say to a cancel."""

    CANCELED = auto()
    NOTHING_TO_CANCEL = auto()
    REFUSED = auto()


async def cancel(here: Runtime, rental_id: int) -> Rental:
    """Cancel a rental; return it CANCELED, or raise why it is not."""
    attempt = uuid4()
    patience = timedelta(seconds=here.settings.reconcile_seconds)
    rental = await commands.begin_cancel(here.database, rental_id, attempt, patience)
    if rental.status is Status.CANCELED:
        return rental
    try:
        answer = await _ask_delivery(here, rental_id, attempt)
    except NotSent as unheard:
        return await _give_up(here, rental_id, attempt, CancelNotHeardError(unheard.retry_after))
    except OutcomeUnknown as unknown:
        log.warning("cancel pending", rental_id=rental_id, error=str(unknown))
        raise CancelPendingError from unknown
    match answer:
        case Answer.CANCELED:
            return await commands.confirm_cancel(here.database, rental_id)
        case Answer.NOTHING_TO_CANCEL:
            return await _give_up(here, rental_id, attempt, AlreadyDecidedError())
        case Answer.REFUSED:
            why = CancelNotHeardError(here.settings.breaker_reset_seconds)
            return await _give_up(here, rental_id, attempt, why)


async def reconcile(here: Runtime) -> None:
    """Ask delivery again, for ever, about every cancel whose outcome is not known."""
    patience = timedelta(seconds=here.settings.reconcile_seconds)
    while True:
        attempt = uuid4()
        overdue = await commands.repeat_overdue_cancels(here.database, attempt, patience, MOST_PER_ROUND)
        for rental in overdue:
            await _ask_again(here, rental.id, attempt)
        if not overdue:
            await asyncio.sleep(ROUND_SECONDS)


async def _ask_again(here: Runtime, rental_id: int, attempt: UUID) -> None:
    try:
        answer = await _ask_delivery(here, rental_id, attempt)
    except (NotSent, OutcomeUnknown) as error:
        # An earlier call may have been heard, so not even a call that was not sent proves anything.
        log.info("cancel still pending", rental_id=rental_id, error=str(error))
        return
    match answer:
        case Answer.CANCELED:
            await commands.confirm_cancel(here.database, rental_id)
        case Answer.NOTHING_TO_CANCEL:
            await commands.give_up_cancel(here.database, rental_id, attempt)
        case Answer.REFUSED:
            log.error("delivery refuses our credential", rental_id=rental_id)


async def _give_up(here: Runtime, rental_id: int, attempt: UUID, why: Exception) -> Rental:
    """End our attempt and raise `why`, unless the reconciler took it over while we were slow."""
    rental = await commands.give_up_cancel(here.database, rental_id, attempt)
    match rental.status:
        case Status.CANCELED:
            return rental
        case Status.CANCELING:
            raise CancelPendingError from why
        case _:
            raise why


async def _ask_delivery(here: Runtime, rental_id: int, attempt: UUID) -> Answer:
    token = issue(
        here.settings.service_key.get_secret_value(),
        issuer="rental",
        audience="delivery",
        now=datetime.now(UTC),
    )
    answer = await here.clients["delivery"].request(
        "PUT",
        f"/deliveries/{rental_id}/cancellation",
        headers={"Authorization": f"Bearer {token}", "traceparent": tracing.current() or ""},
        json={"cancelId": str(attempt)},
    )
    match answer.status_code:
        case 200:
            return Answer.CANCELED
        case 409:
            return Answer.NOTHING_TO_CANCEL
        case _:
            log.error("delivery refused a cancel", rental_id=rental_id, status=answer.status_code)
            return Answer.REFUSED
