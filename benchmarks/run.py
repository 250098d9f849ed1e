"""Runs the measurements one after another on one rig. `memory` is last: it is what the load leaves behind."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from rich.console import Console

from benchmarks.accept import accept
from benchmarks.figures import Figure
from benchmarks.latency import latency
from benchmarks.memory import memory
from benchmarks.neighbours import Neighbours
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


@dataclass
class Results:
    figures: list[Figure] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)  # orders that were answered with anything but 201
    neighbours: float = 0.0  # the part of the machine that other processes used meanwhile


async def measure(names: list[str], scale: Scale, console: Console) -> Results:
    results, neighbours = Results(), Neighbours()
    console.print("starting PostgreSQL, Kafka and the five services ...")
    async with running_rig(scale) as rig:
        for name in names:
            console.print(f"measuring {name} ...")
            results.figures += await MEASUREMENTS[name](rig, scale)
        results.errors = rig.errors
    results.neighbours = neighbours.share()
    return results
