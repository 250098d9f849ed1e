"""Starts the load (a process of its own, see load.py) and reads its result."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Load:
    """What one run of the load did. Everything but a 201 is an error."""

    accepted: int
    errors: dict[str, int]
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.accepted / self.seconds


async def run_load(url: str, products: range, *, seconds: float = 3_600.0, orders: int = 10**9) -> Load:
    process = await _start(url, products, "--seconds", str(seconds), "--orders", str(orders))
    return await _result(process)


class WindowedLoad:
    """A load that sends only as many orders as it has been allowed."""

    def __init__(self, url: str, products: range) -> None:
        self.url, self.products = url, products

    async def __aenter__(self) -> Self:
        self.process = await _start(self.url, self.products, "--windowed")
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _exc: BaseException | None, _tb: TracebackType | None
    ) -> None:
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def allow(self, orders: int) -> int:
        """Let it send up to `orders` in all; the answer is how many were accepted so far."""
        return int((await self._say({"allow": orders}))["accepted"])

    async def finish(self) -> Load:
        """Wait for the answers that are still out."""
        return _as_load(await self._say({"finish": True}))

    async def _say(self, line: dict[str, object]) -> dict[str, Any]:
        if self.process.stdin is None:
            raise RuntimeError("the load was started without a stdin")
        self.process.stdin.write(json.dumps(line).encode() + b"\n")
        return await _line(self.process)


async def _start(url: str, products: range, *options: str) -> Process:
    command = [sys.executable, "-m", "benchmarks.load", "--url", url]
    chosen = ["--first-product", str(products.start), "--products", str(len(products))]
    return await asyncio.create_subprocess_exec(*command, *chosen, *options, stdin=PIPE, stdout=PIPE)


async def _result(process: Process) -> Load:
    try:
        return _as_load(await _line(process))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _line(process: Process) -> dict[str, Any]:
    if process.stdout is None:
        raise RuntimeError("the load was started without a stdout")
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError("the load ended without a result; its own words are above")
    answer: dict[str, Any] = json.loads(line)
    return answer


def _as_load(answer: dict[str, Any]) -> Load:
    return Load(answer["accepted"], answer["errors"], answer["seconds"], answer["cpu_seconds"])
