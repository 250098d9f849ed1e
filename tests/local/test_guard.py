"""After kill -9 of whoever started them, nothing is left of the processes that it started."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil

from local.guard import Guard
from local.home import Home
from local.process import Process, Program
from tests.support.eventually import eventually

SUPERVISOR = """
import asyncio, signal, sys
from pathlib import Path
from local.guard import Guard
from local.process import Process, Program

async def main():
    async with Guard() as guard:
        for command in ("exec sleep 600", "trap '' QUIT; sleep 600 & wait; sleep 600"):
            program = Program(
                "sleeper", ("/bin/sh", "-c", command), Path(sys.argv[1]), orphan_signal=signal.SIGQUIT
            )
            process = Process(program, guard)
            await process.start()
            print(process.pid, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


def is_running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


async def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SUPERVISOR,
        str(tmp_path / "log"),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path.cwd(),
    )
    assert supervisor.stdout
    obedient, stubborn = [int(await supervisor.stdout.readline()) for _ in range(2)]

    async def has_a_child() -> list[psutil.Process]:
        children = psutil.Process(stubborn).children()
        assert children
        return children

    (grandchild,) = await eventually(has_a_child)
    supervisor.kill()
    await supervisor.wait()

    async def all_gone() -> None:
        assert not [pid for pid in (obedient, stubborn, grandchild.pid) if is_running(pid)]

    await eventually(all_gone)


async def test_a_process_that_has_ended_is_forgotten(tmp_path: Path) -> None:
    async with Guard() as guard:
        process = Process(Program("short", ("/bin/true",), tmp_path / "log"), guard)
        await process.run()
        assert not guard.knows(process.pid)


async def test_the_guard_holds_the_data_until_it_has_finished(tmp_path: Path) -> None:
    home = Home(tmp_path / "data").open()
    async with Guard(home.lock):
        home.close()
        assert Home(home.path).user() == os.getpid()
    assert Home(home.path).user() is None


async def test_a_killed_guard_is_replaced_by_one_that_knows_everything(tmp_path: Path) -> None:
    async with Guard() as guard:
        process = Process(Program("sleeper", ("/bin/sleep", "600"), tmp_path / "log"), guard)
        await process.start()
        first = guard.pid
        os.kill(first, signal.SIGKILL)

        async def replaced() -> None:
            assert guard.pid != first

        await eventually(replaced)
        assert process.running
    # The guard's own end is what it waits for: closing it is all that a vanished supervisor does.
    assert await process.wait() == -signal.SIGKILL
