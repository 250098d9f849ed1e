"""settle: the CPU time that an order costs from POST until it stands DELIVERED in the read view.

CPU time is counted by the kernel, per process, and so hardly notices what else runs on the machine.
"""

from benchmarks.figures import Bar, Figure, named
from benchmarks.load_process import Load
from benchmarks.rig import Rig
from benchmarks.scale import Scale


async def settle(rig: Rig, scale: Scale) -> list[Figure]:
    direct = await cost_per_order(rig, scale, "rental")
    via = await cost_per_order(rig, scale, "gateway")
    orders = f"{scale.settle_orders:,} orders"
    return [
        services("settle: five services", f"{orders} to rental", rig, direct, Bar(3)),
        Figure("settle: PostgreSQL beside them", "", "", direct["postgres"], " ms"),
        Figure("settle: Kafka beside them", "", "", direct["kafka"], " ms"),
        services("settle: through the gateway", f"{orders} to the gateway", rig, via),
    ]


def services(name: str, measured: str, rig: Rig, used: dict[str, float], bar: Bar | None = None) -> Figure:
    return Figure(name, measured, "", sum(used[each] for each in rig.services), " ms", bar, named(used))


async def cost_per_order(rig: Rig, scale: Scale, entrance: str) -> dict[str, float]:
    """CPU milliseconds per order: each service's, those of the two servers, and the load's."""
    await settled_load(rig, entrance, scale.settle_orders // 10)
    before = rig.cpu()
    load = await settled_load(rig, entrance, scale.settle_orders)
    after = rig.cpu()
    used = {name: (after[name] - before[name]) * 1_000 / load.accepted for name in after}
    used["load"] = load.cpu_seconds * 1_000 / load.accepted
    return used


async def settled_load(rig: Rig, entrance: str, orders: int) -> Load:
    """All that an order costs is in: also what the relays and the janitors do after it is DELIVERED."""
    settled = await rig.settled_from_now()
    load = await rig.load(rig.url(entrance), orders=orders)
    await settled.all_settled(load.accepted)
    await rig.quiet()
    return load
