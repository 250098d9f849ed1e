"""sustain: how many orders a second the whole system settles for a minute without a growing backlog.

The load keeps a bounded number of orders unsettled: a new one goes out only when an old one stands DELIVERED
in the view. So the rate finds itself, and no backlog can hide in a queue. The limit is measured before and
after.
"""

import asyncio
import time
from dataclasses import dataclass
from statistics import median

from benchmarks.figures import Bar, Figure, named
from benchmarks.load_process import WindowedLoad
from benchmarks.rig import Rig
from benchmarks.scale import Scale
from benchmarks.settled import Settled

WINDOW = 2_000
POLL_SECONDS = 0.1


async def sustain(rig: Rig, scale: Scale) -> list[Figure]:
    bare = [await limit_rate(rig, scale) for _before in range(scale.sustain_limit_rounds)]
    await rig.quiet()
    settled = await rig.settled_from_now()
    steady = await steady_load(rig, scale, settled)
    await settled.all_settled(steady.accepted)
    await rig.quiet()
    bare += [await limit_rate(rig, scale) for _after in range(scale.sustain_limit_rounds)]
    return [
        Figure(
            "sustain: settled, everything running",
            f"{steady.rate:,.0f} orders/s for {scale.sustain_seconds:g} s",
            f"{median(bare):,.0f} orders/s of the limit",
            steady.rate / median(bare),
            " x",
            Bar(0.25, higher_is_better=True),
            f"backlog {steady.backlogs[0]} -> {steady.backlogs[1]}; cores used {named(steady.cores)}",
        )
    ]


async def limit_rate(rig: Rig, scale: Scale) -> float:
    return (await rig.load(rig.limit, seconds=scale.accept_seconds)).per_second


@dataclass(frozen=True)
class Steady:
    rate: float  # orders settled per second
    backlogs: tuple[int, int]  # at both ends of the measured time
    cores: dict[str, float]
    accepted: int  # with the warm-up


async def steady_load(rig: Rig, scale: Scale, settled: Settled) -> Steady:
    async with WindowedLoad(rig.url("rental"), rig.products) as load:
        await run_for(scale.warm_up_seconds, load, settled)
        began, done, cpu = time.monotonic(), settled.count, rig.cpu()
        first = await backlog_of(load, settled)
        await run_for(scale.sustain_seconds, load, settled)
        elapsed, last = time.monotonic() - began, await backlog_of(load, settled)
        cores = {name: (seconds - cpu[name]) / elapsed for name, seconds in rig.cpu().items()}
        rate = (settled.count - done) / elapsed
        result = rig.noting_errors(await load.finish())
    return Steady(rate, (first, last), cores, result.accepted)


async def run_for(seconds: float, load: WindowedLoad, settled: Settled) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await load.allow(await settled.refresh() + WINDOW)
        await asyncio.sleep(POLL_SECONDS)


async def backlog_of(load: WindowedLoad, settled: Settled) -> int:
    return await load.allow(settled.count + WINDOW) - settled.count
