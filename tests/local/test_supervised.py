"""A process that dies comes back, later each time, and its death is told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from local.guard import Guard
from local.process import Program
from local.report import State
from local.supervised import Backoff, Supervised
from local.trouble import Trouble
from tests.support.eventually import eventually

PATIENT = 30


class Journal:
    """Remembers what was reported."""

    def __init__(self) -> None:
        self.lines: list[tuple[State, str]] = []

    def __call__(self, name: str, state: State, detail: str = "", done: float | None = None) -> None:
        assert (name, done) == ("sleeper", None)
        self.lines.append((state, detail))

    @property
    def deaths(self) -> list[str]:
        return [detail for state, detail in self.lines if state is State.DIED]


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
async def guard() -> AsyncIterator[Guard]:
    async with Guard() as opened:
        yield opened


def sleeper(tmp_path: Path, command: str = "exec sleep 600") -> Program:
    return Program("sleeper", ("/bin/sh", "-c", command), tmp_path / "log")


async def test_a_killed_process_comes_back_and_is_named(
    guard: Guard, tmp_path: Path, journal: Journal
) -> None:
    supervised = Supervised(sleeper(tmp_path), guard, journal, Backoff(first=0.01))
    await supervised.start()
    first = supervised.process.pid
    await supervised.kill()
    await supervised.wait_ready(PATIENT)
    assert supervised.process.pid != first
    assert journal.deaths == [f"killed by SIGKILL; its log is {tmp_path / 'log'}; restarting in 0.01 s"]
    await supervised.stop(1)


async def test_each_failure_in_a_row_waits_longer(guard: Guard, tmp_path: Path, journal: Journal) -> None:
    supervised = Supervised(sleeper(tmp_path, "sleep 0.05; exit 7"), guard, journal, Backoff(0.01, 0.04))
    await supervised.start()

    async def five_deaths() -> None:
        assert len(journal.deaths) >= 5

    await eventually(five_deaths)
    await supervised.stop(1)
    delays = [death.partition("restarting in ")[2] for death in journal.deaths[:5]]
    assert delays == ["0.01 s", "0.02 s", "0.04 s", "0.04 s", "0.04 s"]
    assert all(death.startswith("exit code 7") for death in journal.deaths)


async def test_a_process_that_ran_well_starts_from_the_first_delay(
    guard: Guard, tmp_path: Path, journal: Journal
) -> None:
    program = sleeper(tmp_path, "sleep 0.3; exit 7")
    supervised = Supervised(program, guard, journal, Backoff(0.01, ran_well=0.2))
    await supervised.start()

    async def three_deaths() -> None:
        assert len(journal.deaths) >= 3

    await eventually(three_deaths)
    await supervised.stop(1)
    assert all(death.endswith("restarting in 0.01 s") for death in journal.deaths)


def test_the_delay_doubles_up_to_its_limit() -> None:
    backoff = Backoff()
    assert [backoff.delay(failures) for failures in (1, 2, 3, 7, 1_000)] == [0.5, 1, 2, 30, 30]


async def test_one_that_hangs_at_its_restart_is_tried_again(
    guard: Guard, tmp_path: Path, journal: Journal
) -> None:
    answers = iter([True, False])

    async def ready() -> bool:
        return next(answers, True)

    program = Program("sleeper", ("/bin/sleep", "600"), tmp_path / "log", ready=ready)
    supervised = Supervised(program, guard, journal, Backoff(first=0.01), ready_seconds=0.0)
    await supervised.start()
    await supervised.kill()
    await supervised.wait_ready(PATIENT)
    killed, hung, ended = journal.deaths
    assert "SIGKILL" in killed
    assert hung.startswith("sleeper is not ready after 0 seconds; see")
    assert ended.endswith("restarting in 0.02 s")
    await supervised.stop(1)


async def test_stopped_is_stopped_even_between_two_tries(
    guard: Guard, tmp_path: Path, journal: Journal
) -> None:
    supervised = Supervised(sleeper(tmp_path), guard, journal, Backoff(first=600))
    await supervised.start()
    await supervised.kill()

    async def told() -> None:
        assert journal.deaths

    await eventually(told)
    async with asyncio.timeout(5):
        await supervised.stop(1)
    assert not supervised.process.running
    await supervised.start()
    assert supervised.process.running
    await supervised.stop(1)


async def test_without_restart_a_death_is_only_told(guard: Guard, tmp_path: Path, journal: Journal) -> None:
    supervised = Supervised(sleeper(tmp_path), guard, journal, Backoff(first=0.01), restart=False)
    await supervised.start()
    await supervised.kill()

    async def told() -> None:
        assert journal.deaths == [f"killed by SIGKILL; its log is {tmp_path / 'log'}"]

    await eventually(told)
    with pytest.raises(Trouble, match="sleeper is not ready"):
        await supervised.wait_ready(0.1)
    await supervised.stop(1)


async def test_it_does_not_start_twice(guard: Guard, tmp_path: Path, journal: Journal) -> None:
    supervised = Supervised(sleeper(tmp_path), guard, journal, Backoff())
    await supervised.start()
    with pytest.raises(Trouble, match="already running"):
        await supervised.start()
    await supervised.stop(1)
