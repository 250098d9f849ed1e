"""A service: its routes, its subscriptions, and the machinery that runs beside them."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import cast

import structlog
from fastapi import APIRouter, FastAPI, Request
from httpx2 import AsyncClient

from chassis import health, inbox, kafka, problems
from chassis.breaker import Breaker
from chassis.consumer import Consumer, Subscriptions
from chassis.database import Database
from chassis.edge import Edge
from chassis.http import ServiceClient, new_http
from chassis.relay import Relay, topics_of
from chassis.settings import Settings, settings

log = structlog.get_logger()

LONGEST_PAUSE_SECONDS = 5.0
HOUR_SECONDS = 3600
SHORTEST_KEY = 32


@dataclass
class Runtime:
    """What a running service has at hand; background work and the routes get it."""

    service: str
    settings: Settings
    database: Database
    relay: Relay
    consumer: Consumer
    clients: dict[str, ServiceClient]


Background = Callable[[Runtime], Awaitable[None]]


def runtime(request: Request) -> Runtime:
    """Reach the runtime from a route."""
    found: Runtime = request.app.state.runtime
    return found


def database(request: Request) -> Database:
    """Reach the context's database from a route."""
    return runtime(request).database


def service(
    name: str,
    routes: Sequence[APIRouter],
    subscriptions: Subscriptions,
    background: Mapping[str, Background] | None = None,
    calls: Sequence[str] = (),
    *,
    has_service_key: bool = False,
) -> FastAPI:
    """Put a service together.

    `background` is work that goes on for as long as the service lives; `calls` names the services that it
    calls over HTTP; with `has_service_key` it signs or checks service tokens, and does not start without.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        config = settings()
        if has_service_key and len(config.service_key.get_secret_value()) < SHORTEST_KEY:
            raise RuntimeError(f"OA_SERVICE_KEY must have at least {SHORTEST_KEY} characters")
        db = Database(config.database_url.get_secret_value(), name, config.database_pool)
        async with AsyncExitStack() as stack:
            await _until_open(db)
            stack.push_async_callback(db.close)
            here = Runtime(
                service=name,
                settings=config,
                database=db,
                relay=Relay(config, db.url, name),
                consumer=Consumer(config, db, name, subscriptions),
                clients={},
            )
            db.committed = here.relay.hint
            if calls:
                http = await stack.enter_async_context(new_http())
                here.clients = {callee: _client(http, callee, config) for callee in calls}
            app.state.runtime = here
            work = {"consumer": _consume, "janitor": _forget, **(background or {})}
            if topics_of(name):
                work["relay"] = _relay
            tasks = [
                asyncio.create_task(_keep_going(what, job, here), name=what) for what, job in work.items()
            ]
            stack.push_async_callback(_stop, tasks)
            yield

    app = FastAPI(title=f"OA Rental: {name}", version="0.1.0", lifespan=lifespan, redirect_slashes=False)
    problems.install(app)
    app.add_middleware(Edge)
    app.include_router(health.router)
    for router in routes:
        app.include_router(router)
    return app


def _client(http: AsyncClient, callee: str, config: Settings) -> ServiceClient:
    breaker = Breaker(callee, fail_max=config.breaker_failures, reset_seconds=config.breaker_reset_seconds)
    url: str = getattr(config, f"{callee}_url")
    return ServiceClient(http, callee, url, breaker, timeout=config.cancel_timeout_ms / 1000)


async def _until_open(db: Database) -> None:
    """Wait for the database: nothing here works without it, and it may be starting as we are."""
    pause = 0.1
    while True:
        try:
            await db.open()
        except Exception as error:  # noqa: BLE001
            log.warning("waiting for the database", error=repr(error))
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE_SECONDS, pause * 2)
        else:
            return


async def _relay(here: Runtime) -> None:
    await kafka.ensure_topics(here.settings, topics_of(here.service))
    await here.relay.run()


async def _consume(here: Runtime) -> None:
    await kafka.ensure_topics(here.settings, here.consumer.topics)
    await here.consumer.run()


async def _forget(here: Runtime) -> None:
    while True:
        await inbox.forget(here.database.pool, here.settings.inbox_retention_days)
        await asyncio.sleep(HOUR_SECONDS)


async def _keep_going(what: str, job: Background, here: Runtime) -> None:
    """Run background work for ever: a broken dependency is waited out, with a growing and jittered pause."""
    loop = asyncio.get_running_loop()
    me = cast("asyncio.Task[None]", asyncio.current_task())
    pause = 0.1
    while True:
        began = loop.time()
        try:
            await job(here)
        except (Exception, asyncio.CancelledError) as error:
            if me.cancelling():
                raise
            # aiokafka's stop() can raise a CancelledError that nobody asked for: it must not end us either.
            log.warning("background work interrupted, goes on shortly", work=what, error=repr(error))
        pause = 0.1 if loop.time() - began > LONGEST_PAUSE_SECONDS else min(LONGEST_PAUSE_SECONDS, pause * 2)
        await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311


async def _stop(tasks: Sequence[asyncio.Task[None]]) -> None:
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()  # more than once, for a wait that ends in that very moment can swallow it
        _, running = await asyncio.wait(running, timeout=1)
