"""Runs the measurements one after another on one rig. `memory` is last: it is what the load leaves behind."""

from collections import Counter
from collections.abc import Awaitable, Callable

from rich.console import Console

from benchmarks.accept import accept
from benchmarks.figures import Figure
from benchmarks.latency import latency
from benchmarks.memory import memory
from benchmarks.rig import Rig, running_rig
from benchmarks.scale import Scale
from benchmarks.settle import settle
from benchmarks.sustain import sustain

MEASUREMENTS: dict[str, Callable[[Rig, Scale], Awaitable[list[Figure]]]] = {
    "accept": accept,
    "settle": settle,
    "sustain": sustain,
    "latency": latency,
    "memory": memory,
}


async def measure(names: list[str], scale: Scale, console: Console) -> tuple[list[Figure], Counter[str]]:
    """The figures, and how many orders were answered with anything but 201, by status."""
    figures: list[Figure] = []
    console.print("starting PostgreSQL, Kafka and the five services ...")
    async with running_rig(scale) as rig:
        for name in names:
            console.print(f"measuring {name} ...")
            figures += await MEASUREMENTS[name](rig, scale)
        if names == ["memory"]:
            console.print("[yellow]memory without the load before it says little")
        return figures, rig.errors
