"""Every path has one owner, who gets the target as the caller wrote it."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI

from chassis import problems
from tests.gateway.servers import gateway_to, raw, said, serving


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/products", "product"),
        ("/products/1", "product"),
        ("/products/1/stock-adjustments", "product"),
        ("/rentals", "rental"),
        ("/rentals/3", "rental"),
        ("/deliveries/3", "delivery"),
        ("/myOrders/3", "information"),
        ("/%70roducts/1", "product"),
        ("/rentals%2F1", "rental"),
    ],
)
async def test_a_path_goes_to_its_owner(
    echoing: str, http: httpx2.AsyncClient, path: str, owner: str
) -> None:
    answer = await http.get(echoing + path)
    assert answer.json()["owner"] == owner


@pytest.mark.parametrize(
    "target",
    [
        "/rentals?after=20&size=5",
        "/rentals/?a=%20b+c&a=1;x=%zz&%C3%A4=",
        "/rentals/../products/1",
        "/rentals/./%2e%2E/%2f//x",
        '/rentals/@:[!$&(*+,;="|',
    ],
)
async def test_the_owner_gets_the_target_untouched(echoing: str, target: str) -> None:
    request = f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    asked = await said(echoing, request.encode())
    assert asked["target"].rstrip("?") == target
    assert asked["owner"] == "rental"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_the_owner_gets_every_method(echoing: str, http: httpx2.AsyncClient, method: str) -> None:
    body = b'{"qty": 3}' if method in {"POST", "PUT", "PATCH"} else b""
    answer = await http.request(method, f"{echoing}/rentals/3", content=body)
    assert answer.json()["method"] == method
    assert answer.json()["body"] == body.decode()


@pytest.mark.parametrize("path", ["/users", "/product", "/Products", "//products", "/productsx", "/*"])
async def test_what_nobody_owns_is_not_there(echoing: str, http: httpx2.AsyncClient, path: str) -> None:
    answer = await http.get(echoing + path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["type"] == "urn:oa-rental:problem:not-found"


@pytest.mark.parametrize(
    "path",
    [
        "/deliveries/3/cancellation",
        "/deliveries/3/cancellation/",
        "/deliveries/3/cancellation?x",
        "/deliveries/3/%63ancellation",
        "/deliveries/3%2Fcancellation",
        "/deliveries//3//cancellation//",
        "/%64eliveries/3/cancellation",
    ],
)
async def test_the_cancel_between_services_is_not_there(echoing: str, path: str) -> None:
    request = f"PUT {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer abc\r\nConnection: close\r\n\r\n"
    head, body = await raw(echoing, request.encode())
    assert head.startswith(b"HTTP/1.1 404")
    assert b"application/problem+json" in head
    assert b"owner" not in body


async def test_the_gateways_own_paths_have_their_methods(echoing: str, http: httpx2.AsyncClient) -> None:
    answer = await http.post(echoing + "/health")
    assert answer.status_code == 405
    assert answer.json()["type"] == "urn:oa-rental:problem:method-not-allowed"


async def test_the_index_leads_everywhere(echoing: str, http: httpx2.AsyncClient) -> None:
    answer = await http.get(echoing + "/")
    assert answer.headers["content-type"] == "application/hal+json"
    links = answer.json()["_links"]
    assert {"products", "rentals", "deliveries", "myOrders"} <= links.keys()
    for link in links.values():
        assert (await http.get(echoing + link["href"])).status_code == 200, link


@pytest.fixture(scope="module")
async def small() -> AsyncIterator[str]:
    """Give a gateway in front of a rental with one route."""
    app = FastAPI(redirect_slashes=False)
    problems.install(app)

    @app.get("/rentals")
    async def rentals() -> dict[str, int]:
        return {"id": 3}

    async with serving(app) as rental, gateway_to(rental=rental) as url:
        yield url


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "DELETE", "TRACE"])
async def test_the_owner_says_what_it_cannot_do(small: str, http: httpx2.AsyncClient, method: str) -> None:
    answer = await http.request(method, small + "/rentals")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.headers["content-type"] == "application/problem+json"
    assert bool(answer.content) == (method != "HEAD")


async def test_the_owner_says_what_it_does_not_have(small: str, http: httpx2.AsyncClient) -> None:
    answer = await http.get(small + "/rentals/3")
    assert answer.status_code == 404
    assert answer.json()["title"] == "There is nothing here"
