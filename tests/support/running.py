"""One service in this process, served over real HTTP, with settings from its environment."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib import import_module

import httpx2
import uvicorn
from fastapi import FastAPI

from chassis.service import Runtime
from chassis.settings import settings
from tests.support.eventually import eventually

NOWHERE = "127.0.0.1:1"
"""Nobody listens there. A service without Kafka still answers, and its events wait in the outbox."""

SERVICE_KEY = "a key of the tests that is long enough"


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave Ctrl-C to pytest."""
        yield


@dataclass(frozen=True)
class Running:
    """A running service."""

    url: str
    app: FastAPI
    http: httpx2.AsyncClient

    @property
    def runtime(self) -> Runtime:
        found: Runtime = self.app.state.runtime
        return found


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Let settings be read from these variables only, as at the start of a process."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("OA_")}
    os.environ.update(values)
    settings.cache_clear()
    try:
        yield
    finally:
        for name in values:
            os.environ.pop(name, None)
        os.environ.update(kept)


@asynccontextmanager
async def running(
    name: str, database_url: str, *, bootstrap: str = NOWHERE, **more: str
) -> AsyncIterator[Running]:
    """Run a service on a free port; `more` is further environment. Its application is one per process."""
    values = {
        "OA_DATABASE_URL": database_url,
        "OA_KAFKA_BOOTSTRAP": bootstrap,
        "OA_SERVICE_KEY": SERVICE_KEY,
        "OA_DELIVERY_URL": f"http://{NOWHERE}",
        **more,
    }
    app: FastAPI = import_module(f"{name}.main").app
    config = uvicorn.Config(app, http="httptools", log_config=None, access_log=False, lifespan="on")
    server = _Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with environment(values):
            serving = asyncio.create_task(server.serve([listening]))

            async def started() -> None:
                assert server.started or serving.done(), f"{name} is starting"

            await eventually(started, within=60)
        try:
            assert server.started, f"{name} did not start"
            async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=30) as http:
                yield Running(url, app, http)
        finally:
            server.should_exit = True
            await serving
            settings.cache_clear()
