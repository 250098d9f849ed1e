"""One process: how it is asked to end, made to end, and spoken of afterwards."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from local.guard import Guard
from local.process import Process, Program
from local.trouble import Trouble
from tests.support.eventually import eventually


@pytest.fixture
async def guard() -> AsyncIterator[Guard]:
    async with Guard() as opened:
        yield opened


async def running(guard: Guard, tmp_path: Path, script: str) -> Process:
    """Start a shell script and wait for its first line."""
    log = tmp_path / "log"
    process = Process(Program("script", ("/bin/sh", "-c", f"{script}"), log), guard)
    await process.start()

    async def has_spoken() -> None:
        assert log.read_text()

    await eventually(has_spoken)
    return process


async def test_it_is_asked_first(guard: Guard, tmp_path: Path) -> None:
    process = await running(
        guard, tmp_path, "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done"
    )
    await process.stop(10)
    assert process.exit_reason == "exit code 0"
    assert (tmp_path / "log").read_text() == "up\nbye\n"


async def test_it_is_killed_when_it_does_not_listen(guard: Guard, tmp_path: Path) -> None:
    process = await running(guard, tmp_path, "trap '' TERM; echo up; while :; do sleep 0.05; done")
    await process.stop(0.2)
    assert process.exit_reason == "killed by SIGKILL"


async def test_nobody_waits_for_it_in_a_hurry(guard: Guard, tmp_path: Path) -> None:
    process = await running(guard, tmp_path, "trap '' TERM; echo up; while :; do sleep 0.05; done")
    hurry = asyncio.Event()
    stopping = asyncio.create_task(process.stop(600, hurry))
    await asyncio.sleep(0)
    hurry.set()
    async with asyncio.timeout(10):
        await stopping


async def test_even_a_hanging_process_is_stopped(guard: Guard, tmp_path: Path) -> None:
    process = await running(guard, tmp_path, "echo up; while :; do sleep 0.05; done")
    process.send_signal(signal.SIGSTOP)
    await process.stop(0.2)
    assert not process.running


async def test_the_obituary_names_reason_and_log_and_quotes_its_end(guard: Guard, tmp_path: Path) -> None:
    program = Program("script", ("/bin/sh", "-c", "echo out of paper; exit 3"), tmp_path / "log")
    with pytest.raises(Trouble) as trouble:
        await Process(program, guard).run()
    assert "script stopped (exit code 3)" in str(trouble.value)
    assert str(tmp_path / "log") in str(trouble.value)
    assert "out of paper" in str(trouble.value)


async def test_nothing_is_left_of_a_cancelled_run(guard: Guard, tmp_path: Path) -> None:
    process = Process(Program("long", ("/bin/sleep", "600"), tmp_path / "log"), guard)
    task = asyncio.create_task(process.run())

    async def started() -> None:
        assert process.running

    await eventually(started)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not process.running


async def test_a_program_that_is_not_there_is_a_sentence(guard: Guard, tmp_path: Path) -> None:
    program = Program("nothing", (str(tmp_path / "nothing"),), tmp_path / "log")
    with pytest.raises(Trouble, match="exit code 127"):
        await Process(program, guard).run()


async def test_one_that_never_gets_ready_is_a_sentence(guard: Guard, tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    process = Process(Program("slow", ("/bin/sleep", "600"), tmp_path / "log", ready=never), guard)
    await process.start()
    with pytest.raises(Trouble, match="slow is not ready after 0 seconds; see"):
        await process.wait_ready(0.1)
    await process.kill()
