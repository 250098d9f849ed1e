"""accept: how many orders rental takes, as a share of what the bare server takes on the same PostgreSQL.

The two take turns (A B A B ...), so that a slow minute of the machine hurts both; the figure is the median of
the pairs. After its turn rental's relay empties the outbox: the limit must not pay for rental's backlog.
"""

from statistics import median

from benchmarks.figures import Bar, Figure
from benchmarks.load_process import Load
from benchmarks.rig import Rig
from benchmarks.scale import Scale


async def accept(rig: Rig, scale: Scale) -> list[Figure]:
    await rig.only("rental")
    alone = await alternate(rig, scale, rig.url("rental"))
    await rig.only("rental", "gateway")
    through_gateway = await alternate(rig, scale, rig.url("gateway"))
    await rig.all_services()
    return [
        figure("accept: rental alone", alone, Bar(0.6, higher_is_better=True)),
        figure("accept: through the gateway", through_gateway, Bar(0.3, higher_is_better=True)),
    ]


async def alternate(rig: Rig, scale: Scale, rentals: str) -> list[tuple[Load, Load]]:
    for url in (rig.limit, rentals):
        await rig.load(url, seconds=scale.warm_up_seconds)
    pairs = []
    for _round in range(scale.accept_rounds):
        await rig.quiet()
        bare = await rig.load(rig.limit, seconds=scale.accept_seconds)
        ours = await rig.load(rentals, seconds=scale.accept_seconds)
        pairs.append((bare, ours))
    await rig.quiet()
    return pairs


def figure(name: str, pairs: list[tuple[Load, Load]], bar: Bar) -> Figure:
    bare, ours = (median(load.per_second for load in side) for side in zip(*pairs, strict=True))
    return Figure(
        name,
        f"{ours:,.0f} orders/s",
        f"{bare:,.0f} orders/s of the limit",
        median(ours.per_second / bare.per_second for bare, ours in pairs),
        " x",
        bar,
        "the pairs " + ", ".join(f"{ours.per_second / bare.per_second:.2f}" for bare, ours in pairs),
    )
