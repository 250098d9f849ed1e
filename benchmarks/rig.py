"""The rig: the embedded stack with products to order, and all that the measurements ask of it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import asyncpg

from benchmarks.cpu import cpu_seconds, tree_cpu_seconds
from benchmarks.limit import running_limit
from benchmarks.load_process import Load, run_load
from benchmarks.scale import Scale
from benchmarks.settled import Settled
from local.stack import Stack

SERVICES = ("product", "rental", "delivery", "information", "gateway")
PATHS = {"rental": "/rentals", "gateway": "/rentals", "information": "/myOrders"}
STOCK = 1_000_000
KNOWN_SECONDS = 60
QUIET_SECONDS, QUIET_SHARE = 0.5, 0.1


class Rig:
    """Beside the stack it keeps the errors that any load met."""

    services = SERVICES

    def __init__(self, stack: Stack, view: asyncpg.Connection, limit: str) -> None:
        self.stack, self.view, self.limit = stack, view, limit
        self.products = range(1, 1)
        self.running = set(SERVICES)
        self.errors = Counter[str]()

    @property
    def bootstrap(self) -> str:
        return self.stack.bootstrap

    def url(self, service: str) -> str:
        """Where orders are posted to, or where the view is asked."""
        return self.stack.urls[service] + PATHS[service]

    async def load(self, url: str, *, seconds: float = 3_600.0, orders: int = 10**9) -> Load:
        return self.noting_errors(await run_load(url, self.products, seconds=seconds, orders=orders))

    def noting_errors(self, load: Load) -> Load:
        self.errors.update(load.errors)
        return load

    async def settled_from_now(self) -> Settled:
        return await Settled.from_now(self.view)

    async def only(self, *names: str) -> None:
        for name in self.running.difference(names):
            await self.stack.stop_service(name)
        for name in set(names) - self.running:
            await self.stack.start_service(name)
        self.running = set(names)

    async def all_services(self) -> None:
        """Start what was stopped, and let it work off what has piled up."""
        await self.only(*SERVICES)
        await self.quiet()

    def pids(self) -> dict[str, int]:
        return {name: self.stack.process(name).pid for name in SERVICES if name in self.running}

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far, of each service and of the two servers."""
        seconds = {name: cpu_seconds(pid) for name, pid in self.pids().items()}
        seconds["postgres"] = tree_cpu_seconds(self.stack.process("postgres").pid)
        seconds["kafka"] = tree_cpu_seconds(self.stack.process("kafka").pid)
        return seconds

    async def quiet(self) -> None:
        """Wait until nothing works any more: relays have sent and consumers have read what there was."""
        before = sum(self.cpu().values())
        while True:
            await asyncio.sleep(QUIET_SECONDS)
            now = sum(self.cpu().values())
            if now - before < QUIET_SECONDS * QUIET_SHARE:
                return
            before = now

    async def register_products(self, count: int) -> None:
        """Register them, and wait until rental and delivery know them all: no order must be unregistered."""
        ids = []
        async with aiohttp.ClientSession(raise_for_status=True) as http:
            for number in range(count):
                order = {"name": f"bench-{number}", "qty": STOCK}
                async with http.post(f"{self.stack.urls['product']}/products", json=order) as answer:
                    ids.append((await answer.json())["id"])
            async with asyncio.timeout(KNOWN_SECONDS):
                for context in ("rental", "delivery"):
                    for product in ids:
                        await self._known(http, f"{self.stack.urls[context]}/products/{product}")
        self.products = range(min(ids), max(ids) + 1)

    async def _known(self, http: aiohttp.ClientSession, url: str) -> None:
        while True:
            async with http.get(url, raise_for_status=False) as answer:
                if answer.ok:
                    return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def running_rig(scale: Scale) -> AsyncIterator[Rig]:
    async with Stack() as stack, running_limit(stack.admin_url) as limit:
        view = await asyncpg.connect(stack.database_url("information"))
        try:
            rig = Rig(stack, view, limit)
            await rig.register_products(scale.products)
            await rig.quiet()
            yield rig
        finally:
            await view.close()
