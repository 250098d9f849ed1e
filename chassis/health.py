"""Health: is the process alive, can it serve, and how are the things it depends on."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.problems import unavailable

router = APIRouter(tags=["operations"])

ANSWER_SECONDS = 1.0


@router.get("/health/live")
async def live() -> dict[str, str]:
    """Tell that the process answers."""
    return {"status": "up"}


@router.get("/health/ready")
async def ready(request: Request) -> dict[str, str]:
    """Tell whether requests can be served: the database is all that takes; Kafka may be away."""
    if not await _database_answers(request.app.state.runtime):
        raise unavailable("The database is not available.")
    return {"status": "up"}


@router.get("/health")
async def health(request: Request) -> JSONResponse:
    """Tell how every dependency is."""
    here = request.app.state.runtime
    database = await _database_answers(here)
    dependencies = {
        "database": "up" if database else "down",
        "kafka": "up" if await _kafka_answers(here.settings.kafka_bootstrap) else "down",
    } | {name: f"circuit {client.breaker.state}" for name, client in here.clients.items()}
    return JSONResponse(
        {"status": "up" if database else "down", "service": here.service, "dependencies": dependencies},
        200 if database else 503,
    )


@router.get("/metrics", include_in_schema=False)
async def metrics() -> Response:
    """Serve the metrics in Prometheus' text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _database_answers(here: Any) -> bool:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await here.database.pool.fetchval("SELECT 1")
    except Exception:  # noqa: BLE001
        return False
    return True


async def _kafka_answers(bootstrap: str) -> bool:
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                _, writer = await asyncio.open_connection(host, int(port))
        except (OSError, TimeoutError, ValueError):
            continue
        writer.close()
        return True
    return False
