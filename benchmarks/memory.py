"""memory: what the five services hold after the load, and what the stack does while nobody asks anything."""

import asyncio
import time

from benchmarks.cpu import resident_mb
from benchmarks.figures import Bar, Figure, named
from benchmarks.rig import Rig
from benchmarks.scale import Scale


async def memory(rig: Rig, scale: Scale) -> list[Figure]:
    await rig.quiet()
    resident = {name: resident_mb(pid) for name, pid in rig.pids().items()}
    idle = await idle_percent(rig, scale.idle_seconds)
    return [
        Figure(
            "memory: five services, resident",
            "after the load",
            "",
            sum(resident.values()),
            " MB",
            Bar(600),
            named(resident, 0),
        ),
        Figure(
            "memory: idle CPU of the whole stack",
            f"for {scale.idle_seconds:g} s",
            "one core",
            sum(idle.values()),
            " %",
            Bar(10),
            named(idle, 1),
        ),
    ]


async def idle_percent(rig: Rig, seconds: float) -> dict[str, float]:
    before, began = rig.cpu(), time.monotonic()
    await asyncio.sleep(seconds)
    after, elapsed = rig.cpu(), time.monotonic() - began
    return {name: (after[name] - before[name]) / elapsed * 100 for name in after}
