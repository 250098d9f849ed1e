"""After `kill -9` of the supervisor nothing is left running.

PR_SET_PDEATHSIG would do this on Linux alone, is forgotten when a process changes its user, and belongs to
the thread that forked. A small process at the far end of a pipe works on macOS too: the kernel closes the
pipe when the supervisor ends, however it ends.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

GUARD = Path(__file__).with_name("guard_process.py")
# The child registers itself, so that no moment exists in which it runs and the guard does not know it.
REGISTER = 'echo "$$ $0" >&0; exec "$@" </dev/null'


class Guard:
    """Knows every process that this one started; ends them all if this one vanishes."""

    def __init__(self, holding: int | None = None) -> None:
        self._holding = () if holding is None else (holding,)
        self._running: dict[int, signal.Signals] = {}
        self._pipe = -1
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._open()
        self._keeper = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})
        if self._process:
            os.close(self._pipe)
            self._pipe = -1
            await self._process.wait()

    async def spawn(
        self,
        command: Sequence[str],
        orphan_signal: signal.Signals = signal.SIGKILL,
        *,
        environment: dict[str, str],
        log: int,
        directory: Path,
        account: tuple[int, int] | None = None,
    ) -> asyncio.subprocess.Process:
        """Start a process in a session of its own, where the terminal's Ctrl-C does not reach it."""
        user, group = account or (None, None)
        process = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", REGISTER, str(int(orphan_signal)), *command,
            stdin=self._pipe, stdout=log, stderr=log, env=environment, cwd=directory, start_new_session=True,
            user=user, group=group, extra_groups=None if account is None else [],
        )  # fmt: skip
        self._running[process.pid] = orphan_signal
        return process

    def forget(self, pid: int) -> None:
        """Say that a process has ended, before its number can belong to another."""
        if self._running.pop(pid, None):
            self._tell(f"{pid}")

    def knows(self, pid: int) -> bool:
        return pid in self._running

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def _tell(self, line: str) -> None:
        if self._pipe < 0:
            return
        # A guard that died is replaced, and the next one is told everything.
        with contextlib.suppress(BrokenPipeError):
            os.write(self._pipe, f"{line}\n".encode())

    async def _open(self) -> None:
        reading, writing = os.pipe()
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-I", "-S", str(GUARD),
                stdin=reading, start_new_session=True, pass_fds=self._holding,
            )  # fmt: skip
        finally:
            os.close(reading)
        if self._pipe >= 0:
            os.close(self._pipe)
        self._pipe = writing
        for pid, orphan_signal in self._running.items():
            self._tell(f"{pid} {int(orphan_signal)}")

    async def _keep(self) -> None:
        while self._process:
            await self._process.wait()
            await self._open()
