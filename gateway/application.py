"""The gateway, put together: what a service owns is passed on, and the rest is the gateway's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from chassis import problems
from chassis.edge import Application, Edge, Receive, Scope, Send
from chassis.settings import Settings
from gateway.apidocument import ApiDocument
from gateway.own import router
from gateway.owners import Limits, connected
from gateway.proxy import Proxy
from gateway.routes import SERVICES, owner_of

DEFAULTS = Limits()


def gateway(settings: Settings, limits: Limits = DEFAULTS) -> Application:
    """Put the gateway together."""
    urls = {service: str(getattr(settings, f"{service}_url")) for service in SERVICES}

    @asynccontextmanager
    async def lifespan(own: FastAPI) -> AsyncIterator[None]:
        async with connected(urls, limits) as owners:
            own.state.document = ApiDocument(owners, own.openapi, limits.keep_document_seconds)
            own.state.proxy = Proxy(owners, limits.total_seconds)
            own.state.owners = owners
            yield

    own = FastAPI(
        title="OA Rental",
        version="0.1.0",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redirect_slashes=False,
    )
    problems.install(own)
    own.include_router(router)

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        service = owner_of(scope["path"]) if scope["type"] == "http" else None
        if service:
            await own.state.proxy(service, scope, receive, send)
        else:
            await own(scope, receive, send)

    return Edge(route)
