"""Starts the limit server on the rig's own PostgreSQL, in a database of its own."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg

from benchmarks.limit_server import TABLES
from local.ports import free_port

DATABASE = "bench_limit"
START_SECONDS = 20


@asynccontextmanager
async def running_limit(admin_url: str) -> AsyncIterator[str]:
    """The address to post orders to."""
    database_url = urlsplit(admin_url)._replace(path=f"/{DATABASE}").geturl()
    await _create_database(admin_url, database_url)
    port = free_port()
    settings = {**os.environ, "LIMIT_DATABASE_URL": database_url, "LIMIT_PORT": str(port)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.limit_server", env=settings
    )
    try:
        await _wait_until_listening(port)
        yield f"http://127.0.0.1:{port}/rentals"
    finally:
        process.terminate()
        await process.wait()


async def _create_database(admin_url: str, database_url: str) -> None:
    admin = await asyncpg.connect(admin_url)
    with contextlib.suppress(asyncpg.DuplicateDatabaseError):
        await admin.execute(f"CREATE DATABASE {DATABASE}")
    await admin.close()
    database = await asyncpg.connect(database_url)
    await database.execute(TABLES)
    await database.close()


async def _wait_until_listening(port: int) -> None:
    async with asyncio.timeout(START_SECONDS):
        while True:
            with contextlib.suppress(OSError):
                _reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)
