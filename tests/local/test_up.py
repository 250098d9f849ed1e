"""`oa-rental up` as a process of its own: signals, crashes, and what it says."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from local.paths import temporary_directory
from local.ports import HOST, Ports
from tests.local.leftovers import leftovers
from tests.support.eventually import eventually

ROOT = Path(__file__).parents[2]
READY = "ready after"
STOP_SECONDS = 10


class Up:
    """A running `up`, and everything that it printed so far."""

    def __init__(self, process: asyncio.subprocess.Process, ports: Ports) -> None:
        self.process = process
        self.ports = ports
        self.printed = ""

    async def until(self, words: str) -> None:
        """Read on until these words were printed."""
        assert self.process.stdout
        while words not in self.printed:
            line = await self.process.stdout.readline()
            assert line, f"it ended without {words!r}; it printed:\n{self.printed}"
            self.printed += line.decode()

    async def ended(self) -> int:
        """Wait for its end, and read the rest."""
        assert self.process.stdout
        self.printed += (await self.process.stdout.read()).decode()
        return await self.process.wait()


@pytest.fixture
def directory() -> Iterator[Path]:
    with temporary_directory() as given:
        yield given


@asynccontextmanager
async def up(directory: Path, ports: Ports | None = None) -> AsyncIterator[Up]:
    """Start it, and in any case end it."""
    ports = ports or Ports.free()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OA_")}
    environment |= {f"OA_PORT_{name.upper()}": str(port) for name, port in vars(ports).items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.local.stand_in_up", str(directory / "data"),
        cwd=ROOT, env=environment, start_new_session=True,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    started = Up(process, ports)
    try:
        yield started
    finally:
        if process.returncode is None:
            process.kill()
            await started.ended()


async def nothing_left(directory: Path) -> None:
    assert not leftovers(directory)


async def test_the_banner_says_what_one_needs_to_know(directory: Path) -> None:
    async with up(directory) as running:
        await running.until("Ctrl-C")
        for name in ("gateway", "product", "rental"):
            assert re.search(
                rf"{name} +http://127.0.0.1:{running.ports[name]} +http\S+/docs", running.printed
            )
        assert str(directory / "data" / "logs") in running.printed
        assert re.search(
            r"PostgreSQL 18\.\d+, Kafka 4\.\d+\.\d+, Java|Kafka 4.*PostgreSQL 18", running.printed
        )
        running.process.terminate()
        async with asyncio.timeout(STOP_SECONDS):
            assert await running.ended() == 0
        assert f"the data stays in {directory / 'data'}" in running.printed
    await nothing_left(directory)


async def test_ctrl_c_during_the_start_leaves_nothing(directory: Path) -> None:
    # Both servers have to be prepared first, so each of these words comes from another stage of the start.
    for words in ("starting", "kafka", "postgres     ready"):
        async with up(directory) as running:
            await running.until(words)
            running.process.send_signal(signal.SIGINT)
            async with asyncio.timeout(STOP_SECONDS):
                assert await running.ended() == 0
            assert READY not in running.printed
            assert "Traceback" not in running.printed
        await nothing_left(directory)


async def test_kill_9_leaves_nothing_and_the_next_start_works(directory: Path) -> None:
    ports = Ports.free()
    async with up(directory, ports) as running:
        await running.until(READY)
        assert len(leftovers(directory)) > 5
        running.process.kill()
        await running.ended()
        # At once: it waits for the guard of the first, and then finds its ports and its data.
        async with up(directory, ports) as successor:
            await successor.until(READY)
            successor.process.kill()
            await successor.ended()
        await eventually(lambda: nothing_left(directory))


async def test_a_second_ctrl_c_leaves_nothing_either(directory: Path) -> None:
    async with up(directory) as running:
        await running.until(READY)
        running.process.send_signal(signal.SIGINT)
        await running.until("Stopping")
        running.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(STOP_SECONDS):
            assert await running.ended() == 0
    await nothing_left(directory)


async def test_a_second_up_on_the_same_data_is_told_who_has_it(directory: Path) -> None:
    async with up(directory) as first:
        await first.until("starting")
        async with up(directory) as second:
            assert await second.ended() == 1
            assert f"Another oa-rental (process {first.process.pid}) already uses" in second.printed
            assert second.printed.count("\n") == 1
        assert first.process.returncode is None


async def test_a_busy_port_is_one_sentence(directory: Path) -> None:
    ports = Ports.free()
    with socket.create_server((HOST, ports.rental)):
        async with up(directory, ports) as running:
            assert await running.ended() == 1
            assert running.printed.startswith(
                f"oa-rental: Port {ports.rental}, for rental, is already used by"
            )
            assert f"process {os.getpid()}" in running.printed
            assert running.printed.count("\n") == 1
    await nothing_left(directory)
