"""A circuit breaker for asyncio: pybreaker's state machine, with admission and counting done here.

pybreaker does not see a coroutine fail and lets every caller through when half-open, so a guarded block
never runs inside pybreaker. It is told the result afterwards, as a call that is already over.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic

import pybreaker
from prometheus_client import Counter, Gauge

GAUGE_VALUE = {pybreaker.STATE_CLOSED: 0, pybreaker.STATE_HALF_OPEN: 1, pybreaker.STATE_OPEN: 2}
OUTCOMES = SUCCESS, FAILURE, REFUSED, IGNORED = "success", "failure", "refused", "ignored"
SECONDS_FOR_A_PROBE = 1.0  # a guess, told to those who are refused while a probe is under way

state_gauge = Gauge("circuit_breaker_state", "0 closed, 1 half-open, 2 open", ["breaker"])
calls = Counter("circuit_breaker_calls_total", "Calls by what became of them", ["breaker", "outcome"])


class CircuitOpen(Exception):  # noqa: N818 - a state of affairs that callers name, like StopIteration
    """The call was refused before it began."""

    def __init__(self, breaker: str, retry_after: float) -> None:
        super().__init__(f"the circuit to {breaker} is open, try again in {retry_after:.1f} s")
        self.breaker = breaker
        self.retry_after = retry_after


class _CountedError(Exception):
    """What pybreaker is told of a failure: the caller's own exception is raised once, where it happened."""


class _StateChanges(pybreaker.CircuitBreakerListener):
    def __init__(self, entered: Callable[[str], None]) -> None:
        self._entered = entered

    def state_change(self, cb: object, old_state: object, new_state: pybreaker.CircuitBreakerState) -> None:
        del cb, old_state
        self._entered(new_state.name)


class Breaker:
    """For one event loop: nothing awaits between a decision and its effect, so no lock is needed."""

    def __init__(self, name: str, *, fail_max: int = 5, reset_seconds: float = 30.0) -> None:
        self.name = name
        self._reset_seconds = reset_seconds
        self._machine = pybreaker.CircuitBreaker(
            fail_max, listeners=[_StateChanges(self._entered)], throw_new_error_on_trip=False
        )
        self._epoch = 0
        self._opened_at = 0.0
        self._probing = False
        state_gauge.labels(name).set(GAUGE_VALUE[self.state])
        self._calls = {outcome: calls.labels(name, outcome) for outcome in OUTCOMES}

    @property
    def state(self) -> str:
        """One of `closed`, `half-open` and `open`; an open circuit becomes half-open with the next call."""
        return self._machine.current_state

    @contextmanager
    def guard(self, failures: type[Exception] | tuple[type[Exception], ...]) -> Iterator[None]:
        """Refuse with CircuitOpen, or run the block and count how it ends.

        Only `failures` count against the other side. Anything else that is raised says nothing about it,
        least of all the CancelledError of a caller who went away. So a timeout has to stand inside the
        block, since from outside it is a cancellation; without one, a hang would keep the only probe.
        """
        epoch = self._admit()
        outcome = IGNORED
        try:
            yield
            outcome = SUCCESS
        except failures:
            outcome = FAILURE
            raise
        finally:
            self._settle(epoch, outcome)

    def _admit(self) -> int:
        if self.state == pybreaker.STATE_OPEN:
            remaining = self._opened_at + self._reset_seconds - monotonic()
            if remaining > 0:
                self._refuse(remaining)
            self._machine.half_open()
        if self.state == pybreaker.STATE_HALF_OPEN:
            if self._probing:
                self._refuse(min(SECONDS_FOR_A_PROBE, self._reset_seconds))
            self._probing = True
        return self._epoch

    def _refuse(self, retry_after: float) -> None:
        self._calls[REFUSED].inc()
        raise CircuitOpen(self.name, retry_after)

    def _settle(self, epoch: int, outcome: str) -> None:
        self._calls[outcome].inc()
        if epoch != self._epoch:
            return  # the call began before the last change of state: it is no evidence about the present one
        self._probing = False
        if outcome == SUCCESS:
            self._machine.call(lambda: None)
        elif outcome == FAILURE:
            with suppress(_CountedError):
                self._machine.call(_fail)

    def _entered(self, state: str) -> None:
        self._epoch += 1
        self._probing = False
        if state == pybreaker.STATE_OPEN:
            self._opened_at = monotonic()  # pybreaker keeps wall-clock time, which can be set back
        state_gauge.labels(self.name).set(GAUGE_VALUE[state])


def _fail() -> None:
    raise _CountedError
