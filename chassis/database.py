"""One asyncpg pool per service, and what a transaction means here."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg

T = TypeVar("T")
Connection = Any  # asyncpg has no type stubs

ATTEMPTS = 8


class StaleVersionError(Exception):
    """Somebody else changed the aggregate between our load and our save."""


# Another attempt of the same transaction may succeed at once.
CONFLICTS = (StaleVersionError, asyncpg.TransactionRollbackError)

# The database does not take what we gave it, and never will.
REFUSED = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)

# Anything else that it says: it is away, starting, full, locked, not migrated; what we asked is not wrong.
UNAVAILABLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


def is_unavailable(error: BaseException) -> bool:
    """Tell a database that is away from a value it cannot take (asyncpg files some as InterfaceError)."""
    return isinstance(error, UNAVAILABLE) and not isinstance(error, (*REFUSED, *CONFLICTS, ValueError))


async def _keep_as_it_is(_connection: Connection) -> None:
    """Skip the reset's round trip: nothing here changes a session's state."""


class Database:
    """The database of one context."""

    def __init__(self, url: str, service: str, size: int) -> None:
        self.url = url
        self._service = service
        self._size = size
        self._pool: Any = None
        self.committed: Callable[[], None] = lambda: None
        """Called after each commit: there may be something to announce."""

    async def open(self) -> None:
        """Connect; raise where the database is away."""
        self._pool = await asyncpg.create_pool(
            self.url,
            min_size=1,
            max_size=self._size,
            timeout=5,
            command_timeout=30,
            max_inactive_connection_lifetime=60,
            reset=_keep_as_it_is,
            server_settings={
                "application_name": self._service,
                "jit": "off",
                "idle_in_transaction_session_timeout": "15s",
                "lock_timeout": "5s",
            },
        )

    async def close(self) -> None:
        """Give running transactions a moment, then hang up."""
        if self._pool is None:
            return
        try:
            await asyncio.wait_for(self._pool.close(), 3)
        except TimeoutError:
            self._pool.terminate()

    @property
    def pool(self) -> Any:
        """The pool, for a single statement that needs no transaction of its own."""
        return self._pool

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Everything inside happens, or nothing of it; then the relay is told."""
        async with self._pool.acquire(timeout=5) as connection, connection.transaction():
            yield connection
        self.committed()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Each statement inside is a transaction of its own; then the relay is told."""
        async with self._pool.acquire(timeout=5) as connection:
            yield connection
        self.committed()

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do `work` in one transaction, and again where somebody else was faster."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with self.transaction() as connection:
                    return await work(connection)
            except CONFLICTS:
                if attempt == ATTEMPTS:
                    raise
                await asyncio.sleep(random.uniform(0, 0.002 * 2**attempt))  # noqa: S311
        raise AssertionError("unreachable")
