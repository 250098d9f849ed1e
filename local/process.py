"""One process: started with its own log, watched until it is ready, stopped with a deadline."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.accounts import Account
from local.guard import Guard
from local.trouble import Trouble

POLL_SECONDS = 0.05
START_SECONDS = 60.0
TAIL_LINES = 5


async def always() -> bool:
    """Ready as soon as it runs."""
    return True


@dataclass(frozen=True)
class Program:
    """What to run, and how to see that it works."""

    name: str
    command: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    ready: Callable[[], Awaitable[bool]] = always
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    account: Account | None = None
    directory: Path = Path("/")


class Process:
    """A program that runs, or ran."""

    def __init__(self, program: Program, guard: Guard) -> None:
        self.program = program
        self._guard = guard
        self._process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise Trouble(f"{self.program.name} was never started.")
        return self._process.pid

    @property
    def exit_reason(self) -> str:
        """Say how it ended, in words."""
        code = self._process.returncode if self._process else None
        if code is None:
            return "still running"
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    @property
    def obeyed(self) -> bool:
        """Tell whether it ended by itself or because it was asked to."""
        asked = self.program.stop_signal
        return self._process is not None and self._process.returncode in {0, -asked, 128 + asked}

    async def start(self) -> None:
        """Start it; its output goes to the end of its log."""
        program = self.program
        log = os.open(program.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        try:
            self._process = await self._guard.spawn(
                program.command,
                program.orphan_signal,
                environment=dict(program.environment),
                log=log,
                directory=program.directory,
                account=(program.account.uid, program.account.gid) if program.account else None,
            )
        finally:
            os.close(log)

    async def wait(self) -> int:
        """Wait until it has ended."""
        if self._process is None:
            return 0
        code = await self._process.wait()
        self._guard.forget(self._process.pid)
        return code

    async def wait_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until it answers; raise one sentence when it ends instead, or never does."""
        deadline = time.monotonic() + seconds
        while not await self.program.ready():
            if not self.running:
                raise Trouble(self.obituary())
            if time.monotonic() > deadline:
                name, log = self.program.name, self.program.log
                raise Trouble(f"{name} is not ready after {seconds:.0f} seconds; see {log}.")
            await asyncio.sleep(POLL_SECONDS)

    async def run(self) -> None:
        """Run it to its end, which must be a success; nothing is left of it when cancelled."""
        await self.start()
        try:
            code = await self.wait()
        finally:
            await self.kill()
        if code:
            raise Trouble(self.obituary())

    def send_signal(self, number: signal.Signals) -> None:
        """Signal the process alone, not its group."""
        if self.running:
            os.kill(self.pid, number)

    async def stop(self, seconds: float, hurry: asyncio.Event | None = None) -> None:
        """Ask it to end, and end it when it has not done so in time or there is no time any more."""
        if self.running and not (hurry and hurry.is_set()):
            self.send_signal(self.program.stop_signal)
            await first(self.wait(), *([hurry.wait()] if hurry else []), seconds=seconds)
        await self.kill(self.program.orphan_signal)

    async def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End the process and its group at once."""
        for attempt in (number, signal.SIGKILL):
            if self.running:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.pid, attempt)
                await first(self.wait(), seconds=1)
        await self.wait()

    def obituary(self) -> str:
        """Say that it stopped, why, and where to read more, with the end of its log."""
        lines = self.program.log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        head = f"{self.program.name} stopped ({self.exit_reason}); its log is {self.program.log}"
        return "\n    ".join([head + (":" if lines else "."), *lines])


async def first(*awaitables: Awaitable[object], seconds: float) -> None:
    """Wait for the first of them, or for the time to pass; cancel the others."""
    tasks = [asyncio.ensure_future(each) for each in awaitables]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
