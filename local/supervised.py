"""Keeps one process alive: restarts it with backoff when it dies, and says so."""

import asyncio
import time
from dataclasses import dataclass

from local.guard import Guard
from local.process import START_SECONDS, Process, Program
from local.report import Reporter, State
from local.trouble import Trouble


@dataclass(frozen=True)
class Backoff:
    """How long to wait before a restart; a process that ran well starts again from the first delay."""

    first: float = 0.5
    most: float = 30.0
    ran_well: float = 30.0

    def delay(self, failures: int) -> float:
        """Double with each failure in a row (the first is number 1)."""
        return float(min(self.most, self.first * 2 ** min(failures - 1, 30)))


class Supervised:
    """A process that is meant to run until somebody stops it."""

    def __init__(
        self,
        program: Program,
        guard: Guard,
        report: Reporter,
        backoff: Backoff,
        *,
        restart: bool = True,
        ready_seconds: float = START_SECONDS,
    ) -> None:
        self.process = Process(program, guard)
        self._guard = guard
        self._report = report
        self._backoff = backoff
        self._restart = restart
        self._ready_seconds = ready_seconds
        self._ready = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        return self.process.program.name

    async def start(self, program: Program | None = None) -> None:
        """Start it and wait until it is ready; from then on it is watched."""
        if self.process.running:
            raise Trouble(f"{self.name} is already running.")
        if program:
            self.process = Process(program, self._guard)
        self._report(self.name, State.STARTING)
        await self._launch()
        self._watcher = asyncio.create_task(self._watch(), name=f"watch {self.name}")

    async def stop(self, seconds: float, hurry: asyncio.Event | None = None) -> None:
        """Stop it for good, whatever it is doing."""
        if self._watcher:
            self._watcher.cancel()
            await asyncio.wait({self._watcher})
        was_running = self.process.running
        self._ready.clear()
        await self.process.stop(seconds, hurry)
        if was_running:
            forced = "" if self.process.obeyed else f"it did not stop in time: {self.process.exit_reason}"
            self._report(self.name, State.STOPPED, forced)

    async def wait_ready(self, seconds: float) -> None:
        """Wait until it is ready again after it died."""
        try:
            await asyncio.wait_for(self._ready.wait(), seconds)
        except TimeoutError as error:
            raise Trouble(f"{self.name} is not ready after {seconds:.0f} seconds.") from error

    async def kill(self) -> None:
        """End it with SIGKILL, as a crash would."""
        self._ready.clear()
        await self.process.kill()

    async def _launch(self) -> None:
        self._started = time.monotonic()
        await self.process.start()
        await self.process.wait_ready(self._ready_seconds)
        self._ready.set()
        self._report(self.name, State.READY)

    async def _watch(self) -> None:
        failures = 0
        while True:
            await self.process.wait()
            self._ready.clear()
            well = time.monotonic() - self._started >= self._backoff.ran_well
            failures = 1 if well else failures + 1
            died = f"{self.process.exit_reason}; its log is {self.process.program.log}"
            if not self._restart:
                self._report(self.name, State.DIED, died)
                return
            delay = self._backoff.delay(failures)
            self._report(self.name, State.DIED, f"{died}; restarting in {delay:g} s")
            await asyncio.sleep(delay)
            await self._relaunch()

    async def _relaunch(self) -> None:
        try:
            await self._launch()
        except (Trouble, OSError) as error:
            if self.process.running:
                self._report(self.name, State.DIED, str(error))
            await self.process.kill()
