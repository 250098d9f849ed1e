"""The breaker alone: who is let through, and what counts for or against the other side."""

import asyncio
from contextlib import suppress
from itertools import count, islice

import pytest
from prometheus_client import REGISTRY

from chassis.breaker import OUTCOMES, Breaker, CircuitOpen

names = count()
Failed, Unrelated = ConnectionError, ValueError


def new_breaker(*, fail_max: int = 5, reset_seconds: float = 30) -> Breaker:
    """One with a name of its own, because metrics outlive a test."""
    return Breaker(f"other-{next(names)}", fail_max=fail_max, reset_seconds=reset_seconds)


def succeed(breaker: Breaker) -> None:
    with breaker.guard(failures=Failed):
        pass


def fail(breaker: Breaker, error: type[Exception] = Failed) -> None:
    with suppress(error), breaker.guard(failures=Failed):
        raise error


def refusal(breaker: Breaker) -> CircuitOpen:
    with pytest.raises(CircuitOpen) as refused:
        succeed(breaker)
    return refused.value


def trip(breaker: Breaker, failures: int = 5) -> None:
    for _ in range(failures):
        fail(breaker)
    assert breaker.state == "open"


def half_open(breaker: Breaker) -> None:
    """Let its time pass at once; a call that ends with an error of no concern to it leaves it half-open."""
    breaker._opened_at -= breaker._reset_seconds
    fail(breaker, Unrelated)
    assert breaker.state == "half-open"


def tripped_and_half_open() -> Breaker:
    breaker = new_breaker()
    trip(breaker)
    half_open(breaker)
    return breaker


class SlowCall:
    """A guarded call that has begun and ends when the test says so."""

    def __init__(self, breaker: Breaker) -> None:
        self._verdict: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._begun = asyncio.Event()
        self.task = asyncio.create_task(self._run(breaker))

    async def _run(self, breaker: Breaker) -> None:
        with breaker.guard(failures=Failed):
            self._begun.set()
            if await self._verdict == "failure":
                raise Failed

    @classmethod
    async def begin(cls, breaker: Breaker) -> "SlowCall":
        call = cls(breaker)
        await call._begun.wait()
        return call

    async def end(self, verdict: str) -> None:
        self._verdict.set_result(verdict)
        await asyncio.wait([self.task])
        with suppress(Failed):
            self.task.result()

    async def cancel(self) -> None:
        self.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await self.task


def sample(breaker: Breaker, outcome: str) -> float | None:
    labels = {"breaker": breaker.name, "outcome": outcome}
    return REGISTRY.get_sample_value("circuit_breaker_calls_total", labels)


def gauge(breaker: Breaker) -> float | None:
    return REGISTRY.get_sample_value("circuit_breaker_state", {"breaker": breaker.name})


def test_five_failures_in_a_row_open_it_for_thirty_seconds() -> None:
    breaker = Breaker("with-its-defaults")
    for _ in range(4):
        fail(breaker)
    assert breaker.state == "closed"
    fail(breaker)
    assert breaker.state == "open"
    assert 20 < refusal(breaker).retry_after <= 30


def test_a_success_in_between_starts_the_count_again() -> None:
    breaker = new_breaker()
    for _ in range(3):
        for _ in range(4):
            fail(breaker)
        succeed(breaker)
    assert breaker.state == "closed"


def test_the_caller_sees_its_own_exception_even_from_the_call_that_opens_it() -> None:
    breaker = new_breaker(fail_max=1)
    with pytest.raises(Failed), breaker.guard(failures=Failed):
        raise Failed
    assert breaker.state == "open"


def test_an_error_that_is_not_listed_does_not_count() -> None:
    breaker = new_breaker()
    for _ in range(20):
        fail(breaker, Unrelated)
    assert breaker.state == "closed"


async def test_callers_who_go_away_do_not_open_it() -> None:
    breaker = new_breaker()
    for _ in range(20):
        await (await SlowCall.begin(breaker)).cancel()
    assert breaker.state == "closed"


async def test_five_hangs_open_it() -> None:
    breaker = new_breaker()
    for _ in range(5):
        assert breaker.state == "closed"
        with suppress(TimeoutError), breaker.guard(failures=TimeoutError):
            async with asyncio.timeout(0.01):
                await asyncio.Event().wait()
    assert breaker.state == "open"


async def test_of_fifty_callers_at_a_half_open_circuit_exactly_one_passes() -> None:
    breaker = tripped_and_half_open()
    answer = asyncio.Event()
    passed = 0

    async def caller() -> None:
        nonlocal passed
        with breaker.guard(failures=Failed):
            passed += 1
            await answer.wait()

    tasks = [asyncio.create_task(caller()) for _ in range(50)]
    for refused in islice(asyncio.as_completed(tasks, timeout=5), 49):
        with pytest.raises(CircuitOpen):
            await refused
    assert passed == 1
    assert breaker.state == "half-open"
    answer.set()
    await asyncio.wait(tasks)
    assert breaker.state == "closed"


def test_a_failed_probe_opens_it_again_for_the_whole_time() -> None:
    breaker = tripped_and_half_open()
    fail(breaker)
    assert breaker.state == "open"
    assert 20 < refusal(breaker).retry_after <= 30


async def test_it_takes_a_probe_when_its_time_is_over() -> None:
    breaker = new_breaker(reset_seconds=0.05)
    trip(breaker)
    async with asyncio.timeout(5):
        while breaker.state == "open":
            try:
                succeed(breaker)
            except CircuitOpen as refused:
                await asyncio.sleep(refused.retry_after)
    assert breaker.state == "closed"


async def test_a_cancelled_probe_makes_room_for_the_next() -> None:
    breaker = tripped_and_half_open()
    probe = await SlowCall.begin(breaker)
    assert refusal(breaker).retry_after == 1
    await probe.cancel()
    assert breaker.state == "half-open"
    succeed(breaker)
    assert breaker.state == "closed"


async def test_a_success_from_before_the_trip_does_not_close_it() -> None:
    breaker = new_breaker()
    early, late = await SlowCall.begin(breaker), await SlowCall.begin(breaker)
    trip(breaker)
    await early.end("success")
    assert breaker.state == "open"
    half_open(breaker)
    await late.end("success")
    assert breaker.state == "half-open"


async def test_a_failure_from_before_the_trip_does_not_open_it_again() -> None:
    breaker = new_breaker(fail_max=1)
    early, late = await SlowCall.begin(breaker), await SlowCall.begin(breaker)
    trip(breaker, failures=1)
    half_open(breaker)
    await early.end("failure")
    assert breaker.state == "half-open"
    succeed(breaker)
    await late.end("failure")
    assert breaker.state == "closed"


async def test_a_call_from_before_the_trip_does_not_make_room_for_a_second_probe() -> None:
    breaker = new_breaker()
    stale = await SlowCall.begin(breaker)
    trip(breaker)
    half_open(breaker)
    probe = await SlowCall.begin(breaker)
    await stale.cancel()
    assert refusal(breaker)
    await probe.end("success")
    assert breaker.state == "closed"


async def test_every_call_and_every_state_is_measured() -> None:
    breaker = new_breaker(fail_max=2)
    assert (gauge(breaker), sample(breaker, "refused")) == (0, 0)
    succeed(breaker)
    fail(breaker, Unrelated)
    await (await SlowCall.begin(breaker)).cancel()
    trip(breaker, failures=2)
    assert gauge(breaker) == 2
    assert refusal(breaker)
    success_failure_refused_ignored = [sample(breaker, outcome) for outcome in OUTCOMES]
    assert success_failure_refused_ignored == [1, 2, 1, 2]
    half_open(breaker)
    assert gauge(breaker) == 1
    succeed(breaker)
    assert gauge(breaker) == 0
    assert sample(breaker, "success") == 2
