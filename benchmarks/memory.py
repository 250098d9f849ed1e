"""memory: what the five services hold after the load, and what the stack does while nobody asks anything."""

import asyncio
import time

from benchmarks.cpu import resident_mb
from benchmarks.figures import Bar, Figure
from benchmarks.rig import Rig
from benchmarks.scale import Scale


async def memory(rig: Rig, scale: Scale) -> list[Figure]:
    await rig.quiet()
    resident = {name: resident_mb(pid) for name, pid in rig.pids().items()}
    idle = await idle_percent(rig, scale.idle_seconds)
    return [
        Figure(
            "memory: five services, resident",
            ", ".join(f"{name} {mb:.0f}" for name, mb in resident.items()),
            "",
            sum(resident.values()),
            " MB",
            Bar(600),
        ),
        Figure(
            "memory: idle CPU of the whole stack",
            ", ".join(f"{name} {percent:.1f}" for name, percent in idle.items()),
            f"one core for {scale.idle_seconds:g} s",
            sum(idle.values()),
            " %",
            Bar(10),
        ),
    ]


async def idle_percent(rig: Rig, seconds: float) -> dict[str, float]:
    before, began = rig.cpu(), time.monotonic()
    await asyncio.sleep(seconds)
    after, elapsed = rig.cpu(), time.monotonic() - began
    return {name: (after[name] - before[name]) / elapsed * 100 for name in after}
