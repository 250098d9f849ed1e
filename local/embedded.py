"""What the two embedded servers share: one directory, one log, a start and a stop of their own."""

from abc import ABC, abstractmethod
from contextlib import AsyncExitStack
from pathlib import Path

from local.guard import Guard
from local.process import Process, Program

STOP_SECONDS = 5.0


class Embedded(ABC):
    """A server that a test can use alone; a Stack runs the same program under its supervisor."""

    def __init__(self, name: str, data_dir: Path, logs: Path | None) -> None:
        self.name = name
        self.data_dir = data_dir.absolute()
        self.log = (logs or self.data_dir) / f"{name}.log"
        self._owned = AsyncExitStack()
        self._process: Process | None = None

    @abstractmethod
    async def prepare(self, guard: Guard) -> Program:
        """Do what the first start needs, and say how to run it."""

    async def start(self) -> None:
        """Start it and wait until it answers."""
        guard = await self._owned.enter_async_context(Guard())
        try:
            self._process = Process(await self.prepare(guard), guard)
            await self._process.start()
            await self._process.wait_ready()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop it; its data stays."""
        if self._process:
            await self._process.stop(STOP_SECONDS)
        await self._owned.aclose()

    async def kill(self) -> None:
        """End it as a crash would."""
        if self._process:
            await self._process.kill()
        await self._owned.aclose()

    @property
    def pid(self) -> int:
        if self._process is None:
            raise LookupError(f"{self.name} is not running")
        return self._process.pid
