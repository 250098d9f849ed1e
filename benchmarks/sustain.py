"""sustain: how many orders a second the whole system settles for a minute without a growing backlog.

The load keeps a bounded number of orders unsettled: a new one goes out only when an old one stands DELIVERED in
the view. So the rate finds itself, and no backlog can hide in a queue. The limit is measured before and after.
"""

import asyncio
import time
from statistics import median

from benchmarks.figures import Bar, Figure
from benchmarks.limit import running_limit
from benchmarks.load_process import WindowedLoad
from benchmarks.rig import Rig
from benchmarks.scale import Scale
from benchmarks.settled import Settled

WINDOW = 500
POLL_SECONDS = 0.1


async def sustain(rig: Rig, scale: Scale) -> list[Figure]:
    async with running_limit(rig.admin_url) as limit:
        bare = [await limit_rate(rig, scale, limit) for _before in range(2)]
        await rig.quiet()
        settled = await rig.settled_from_now()
        rate, backlogs, accepted = await steady_rate(rig, scale, settled)
        await settled.all_settled(accepted)
        await rig.quiet()
        bare += [await limit_rate(rig, scale, limit) for _after in range(2)]
    first, last = backlogs
    return [
        Figure(
            "sustain: settled, everything running",
            f"{rate:,.0f} orders/s for {scale.sustain_seconds:g} s (backlog {first} -> {last})",
            f"{median(bare):,.0f} orders/s of the limit",
            rate / median(bare),
            " x",
            Bar(0.25, higher_is_better=True),
        )
    ]


async def limit_rate(rig: Rig, scale: Scale, limit: str) -> float:
    return (await rig.load(limit, seconds=scale.accept_seconds)).per_second


async def steady_rate(rig: Rig, scale: Scale, settled: Settled) -> tuple[float, tuple[int, int], int]:
    """Orders settled per second, the backlog at both ends of the measured time, and all orders accepted."""
    async with WindowedLoad(rig.url("rental"), rig.products) as load:
        await run_for(scale.warm_up_seconds, load, settled)
        began, done, backlog = time.monotonic(), settled.count, await backlog_of(load, settled)
        await run_for(scale.sustain_seconds, load, settled)
        rate = (settled.count - done) / (time.monotonic() - began)
        backlogs = backlog, await backlog_of(load, settled)
        result = rig.noting_errors(await load.finish())
    return rate, backlogs, result.accepted


async def run_for(seconds: float, load: WindowedLoad, settled: Settled) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await load.allow(await settled.refresh() + WINDOW)
        await asyncio.sleep(POLL_SECONDS)


async def backlog_of(load: WindowedLoad, settled: Settled) -> int:
    return await load.allow(settled.count + WINDOW) - settled.count
