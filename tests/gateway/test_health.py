"""How all are: the gateway is up in any case, and each service is told apart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from gateway.owners import Limits
from tests.gateway.servers import OK, counted, gateway_to, hanging, owner, resetting, sending, serving


@asynccontextmanager
async def service(name: str, status: int = 200) -> AsyncIterator[str]:
    """Run a service that tells its health as ours do."""
    app = FastAPI()

    @app.get("/health")
    async def health() -> JSONResponse:
        state = "up" if status == 200 else "down"
        return JSONResponse({"status": state, "service": name, "dependencies": {"database": state}}, status)

    async with serving(app) as url:
        yield url


async def health(http: httpx2.AsyncClient, gateway: str) -> dict[str, Any]:
    answer = await http.get(gateway + "/health")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def test_each_service_says_how_it_is(http: httpx2.AsyncClient) -> None:
    async with (
        service("product") as product,
        service("rental") as rental,
        service("delivery") as delivery,
        service("information") as information,
        gateway_to(product=product, rental=rental, delivery=delivery, information=information) as url,
    ):
        found = await health(http, url)
    assert found["status"] == "up"
    assert list(found["services"]) == ["product", "rental", "delivery", "information"]
    for name, one in found["services"].items():
        assert one["status"] == "up"
        assert one["milliseconds"] > 0
        assert one["says"]["service"] == name
        assert one["says"]["dependencies"] == {"database": "up"}


async def test_a_service_that_is_not_up_is_named_and_the_gateway_is_up(http: httpx2.AsyncClient) -> None:
    async with (
        service("product", 503) as product,
        owner(hanging) as rental,
        owner(resetting) as delivery,
        gateway_to(Limits(ask_seconds=1), product=product, rental=rental.url, delivery=delivery.url) as url,
    ):
        found = await health(http, url)
        for path in ("/health/live", "/health/ready"):
            answer = await http.get(url + path)
            assert (answer.status_code, answer.json()) == (200, {"status": "up"})
    assert found["status"] == "degraded"
    assert [one["status"] for one in found["services"].values()] == ["down"] * 4
    says = [one["says"] for one in found["services"].values()]
    assert says[0]["dependencies"] == {"database": "down"}
    assert says[1:] == ["gives no answer", "gives no answer", "cannot be reached"]


async def test_a_service_that_says_what_is_no_json_is_down(http: httpx2.AsyncClient) -> None:
    async with owner(sending(OK.replace(b"true", b"{..}"))) as rental, gateway_to(rental=rental.url) as url:
        assert (await health(http, url))["services"]["rental"]["status"] == "down"


async def test_requests_are_counted_by_owner_and_status(http: httpx2.AsyncClient) -> None:
    async with gateway_to() as url:
        before = await counted(http, url, "503")
        await asyncio.gather(*(http.get(url + "/rentals") for _ in range(3)))
        assert await counted(http, url, "503") == before + 3
