"""One system for the journeys; after each of them it must come to rest, and everything must be right."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from local.stack import Stack
from tests.journeys import invariants
from tests.journeys.quiet import comes_to_rest
from tests.journeys.system import System, reach
from tests.support import servers

IMPATIENT = {"*": {"OA_BREAKER_RESET_SECONDS": "1"}}
"""A machine that is busy enough opens the circuit; no journey should have to wait half a minute for it."""


class Shared:
    """The system that the journeys share, until one of them breaks it or needs a fresh one."""

    def __init__(self) -> None:
        self._opened = AsyncExitStack()
        self._system: System | None = None

    async def get(self) -> System:
        if self._system is None:
            stack = await self._opened.enter_async_context(await self._stack())
            self._system = await self._opened.enter_async_context(reach(stack))
        return self._system

    async def _stack(self) -> Stack:
        if not servers._in_containers():
            return Stack(environment=IMPATIENT)
        nowhere = Path()  # containers keep their own data
        admin_url = await self._opened.enter_async_context(servers.postgres(nowhere))
        bootstrap = await self._opened.enter_async_context(servers.kafka(nowhere))
        return Stack(environment=IMPATIENT, admin_url=admin_url, bootstrap=bootstrap)

    async def discard(self) -> None:
        self._system = None
        await self._opened.aclose()


@pytest.fixture(scope="session")
async def shared() -> AsyncIterator[Shared]:
    shared = Shared()
    yield shared
    await shared.discard()


@pytest.fixture
async def system(shared: Shared) -> AsyncIterator[System]:
    """A system that is at rest, and must come to rest again."""
    system = await shared.get()
    yield system
    try:
        await comes_to_rest(system)
        wrong = invariants.violations(await invariants.gather(system))
        assert not wrong, f"{len(wrong)} invariants do not hold:\n" + "\n".join(wrong[:20])
    except BaseException:
        await shared.discard()
        raise


@pytest.fixture
async def fresh(shared: Shared) -> None:
    """Let the `system` be one in which nothing has happened yet."""
    if await has_history(await shared.get()):
        await shared.discard()


async def has_history(system: System) -> bool:
    """Tell whether an id was ever given out."""
    sequences = {"product": "products_id_seq", "rental": "rentals_id_seq"}
    rows = [
        await system.rows(context, f"SELECT is_called FROM {sequence}")
        for context, sequence in sequences.items()
    ]
    return any(row["is_called"] for (row,) in rows)
