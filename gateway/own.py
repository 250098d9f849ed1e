"""What the gateway answers itself: an index, how all services are, and what they offer, in one document."""

import asyncio
import time
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel

from chassis import health
from chassis.hal import Resource, answer, link
from gateway.owners import NoAnswerError, NotSentError, Owners
from gateway.routes import OWNERS, SERVICES

router = APIRouter(tags=["gateway"])
router.add_api_route("/health/live", health.live)
router.add_api_route("/metrics", health.metrics, include_in_schema=False)


class Index(Resource):
    """Where to begin."""


class ServiceHealth(BaseModel):
    """How a service is, and how long it took to say so."""

    status: Literal["up", "down"]
    milliseconds: float
    says: Any = None


class Health(BaseModel):
    """How all are. The gateway itself is up in any case."""

    status: Literal["up", "degraded"]
    services: dict[str, ServiceHealth]


def owners(request: Request) -> Owners:
    """Reach the services from a route."""
    found: Owners = request.app.state.owners
    return found


@router.get("/", response_model=Index)
async def index() -> Response:
    """Link to everything there is."""
    paths = {"self": "/"} | {collection: f"/{collection}" for collection in OWNERS}
    paths |= {"health": "/health", "service-desc": "/openapi.json", "service-doc": "/docs"}
    return answer(Index(links={name: link(path) for name, path in paths.items()}))


@router.get("/health")
async def how_all_are(request: Request) -> Health:
    """Tell how every service is; 200 in any case, because the gateway answers."""
    each = await asyncio.gather(*(_how_is(owners(request), service) for service in SERVICES))
    status: Literal["up", "degraded"] = "up" if all(one.status == "up" for one in each) else "degraded"
    return Health(status=status, services=dict(zip(SERVICES, each, strict=True)))


@router.get("/health/ready")
async def ready() -> dict[str, str]:
    """Tell that requests can be passed on. Whether their owners are up has no say in it."""
    return {"status": "up"}


@router.get("/openapi.json", include_in_schema=False)
async def document(request: Request) -> JSONResponse:
    """Describe what all services offer here."""
    return JSONResponse(await request.app.state.document.current())


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    """Show that document for reading and trying."""
    return get_swagger_ui_html(openapi_url="/openapi.json", title=request.app.title)


async def _how_is(owners: Owners, service: str) -> ServiceHealth:
    began = time.perf_counter()
    try:
        status, says = await owners.ask(service, "/health")
    except NotSentError:
        status, says = 503, "cannot be reached"
    except (NoAnswerError, TimeoutError):
        status, says = 503, "gives no answer"
    milliseconds = round((time.perf_counter() - began) * 1000, 1)
    return ServiceHealth(status="up" if status == 200 else "down", milliseconds=milliseconds, says=says)
