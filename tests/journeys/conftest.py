"""One system for the journeys; after each of them it must come to rest, and everything must be right."""

from collections.abc import AsyncIterator

import pytest

from local.stack import Stack
from tests.journeys import invariants
from tests.journeys.quiet import comes_to_rest
from tests.journeys.system import System, reach

IMPATIENT = {"*": {"OA_BREAKER_RESET_SECONDS": "1"}}
"""A machine that is busy enough opens the circuit; no journey should have to wait half a minute for it."""


@pytest.fixture(scope="session")
async def shared() -> AsyncIterator[System]:
    async with Stack(environment=IMPATIENT) as stack, reach(stack) as system:
        yield system


@pytest.fixture(scope="session")
def known() -> set[str]:
    """What an earlier journey broke, and was told: only the first one fails for it."""
    return set()


@pytest.fixture
async def system(shared: System, known: set[str]) -> AsyncIterator[System]:
    """The system that the journeys share; each leaves it at rest."""
    yield shared
    await check(shared, known)


@pytest.fixture
async def fresh_system(shared: System, known: set[str]) -> AsyncIterator[System]:
    """A system in which nothing has happened yet: the shared one where that is so, or one of its own."""
    if not await has_history(shared):
        yield shared
        await check(shared, known)
        return
    async with Stack() as stack, reach(stack) as system:
        yield system
        await check(system, set())


async def has_history(system: System) -> bool:
    """Tell whether an id was ever given out."""
    sequences = {"product": "products_id_seq", "rental": "rentals_id_seq"}
    rows = [
        await system.rows(context, f"SELECT is_called FROM {sequence}")
        for context, sequence in sequences.items()
    ]
    return any(row["is_called"] for (row,) in rows)


async def check(system: System, known: set[str]) -> None:
    """Wait until the system is at rest, then list all that is wrong with it and was not before."""
    await comes_to_rest(system)
    wrong = sorted(set(invariants.violations(await invariants.gather(system))) - known)
    known.update(wrong)
    assert not wrong, f"{len(wrong)} invariants do not hold:\n" + "\n".join(wrong[:20])
