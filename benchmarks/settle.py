"""settle: the CPU time that an order costs from POST until it stands DELIVERED in the read view.

CPU time is counted by the kernel, per process, and so hardly notices what else runs on the machine.
"""

from benchmarks.figures import Bar, Figure
from benchmarks.load_process import Load
from benchmarks.rig import Rig
from benchmarks.scale import Scale


async def settle(rig: Rig, scale: Scale) -> list[Figure]:
    direct = await cost_per_order(rig, scale, "rental")
    via = await cost_per_order(rig, scale, "gateway")
    orders = f"{scale.settle_orders:,} orders"
    return [
        Figure(
            "settle: five services", f"{orders} to rental", shares(direct), direct["services"], " ms", Bar(3)
        ),
        Figure("settle: PostgreSQL beside them", "", "", direct["postgres"], " ms"),
        Figure("settle: Kafka beside them", "", "", direct["kafka"], " ms"),
        Figure("settle: five services", f"{orders} to the gateway", shares(via), via["services"], " ms"),
    ]


async def cost_per_order(rig: Rig, scale: Scale, entrance: str) -> dict[str, float]:
    """CPU milliseconds per order: each service's, all `services`', `postgres`', `kafka`'s and the `load`'s."""
    await settled_load(rig, entrance, scale.settle_orders // 10)
    before = rig.cpu()
    load = await settled_load(rig, entrance, scale.settle_orders)
    after = rig.cpu()
    used = {name: (after[name] - before[name]) * 1_000 / load.accepted for name in after}
    used["services"] = sum(used[name] for name in rig.services)
    used["load"] = load.cpu_seconds * 1_000 / load.accepted
    return used


async def settled_load(rig: Rig, entrance: str, orders: int) -> Load:
    """All that an order costs is in: also what the relays and the janitors do after it is DELIVERED."""
    settled = await rig.settled_from_now()
    load = await rig.load(rig.url(entrance), orders=orders)
    await settled.all_settled(load.accepted)
    await rig.quiet()
    return load


def shares(used: dict[str, float]) -> str:
    return ", ".join(f"{name} {ms:.2f}" for name, ms in used.items() if name != "services")
