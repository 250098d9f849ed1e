"""One API document of all services."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, create_model

from delivery.main import app as delivery_app
from gateway.combine import combine
from gateway.owners import Limits
from information.main import app as information_app
from product.main import app as product_app
from rental.main import app as rental_app
from tests.gateway.servers import OK, gateway_to, hanging, owner, sending, serving

REAL = {
    "product": product_app,
    "rental": rental_app,
    "delivery": delivery_app,
    "information": information_app,
}


def a_service(path: str, **fields: Any) -> FastAPI:
    """Make a service whose answers are a Thing, which holds a Part with these fields."""
    part = create_model("Part", **fields)
    thing = create_model("Thing", part=(part, ...))
    app = FastAPI(title="a service", version="9")

    @app.post(path, response_model=thing)
    async def make(body: thing) -> None:
        pass

    @app.get("/products", response_model=thing)
    async def copies() -> None:
        pass

    return app


class Own(BaseModel):
    """Something of the gateway's."""


def own() -> dict[str, Any]:
    app = FastAPI(title="All", version="1.2")

    @app.get("/", response_model=Own)
    async def index() -> None:
        pass

    return app.openapi()


def pointers(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, each in node.items():
            if key == "$ref":
                yield each
            yield from pointers(each)
    if isinstance(node, list):
        for each in node:
            yield from pointers(each)


def resolve(document: Any, pointer: str) -> Any:
    for part in pointer.removeprefix("#/").split("/"):
        document = document[part]
    return document


def is_sound(document: Any) -> None:
    """Every pointer leads somewhere, nothing lies about unused, and operation ids are unique."""
    used = set(pointers(document))
    for pointer in used:
        resolve(document, pointer)
    for kind, components in document["components"].items():
        assert {f"#/components/{kind}/{name}" for name in components} <= used
    ids = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(set(ids)) == len(ids)


def test_the_real_services_make_one_sound_document() -> None:
    document = combine(own(), {name: app.openapi() for name, app in REAL.items()})
    is_sound(document)
    assert document["info"] == {"title": "All", "version": "1.2"}
    assert set(document["paths"]) == {
        *("/", "/products", "/products/{product_id}", "/products/{product_id}/stock-adjustments"),
        *("/rentals", "/rentals/{rental_id}", "/deliveries", "/deliveries/{delivery_id}"),
        *("/myOrders", "/myOrders/{rental_id}"),
    }
    schemas = document["components"]["schemas"]
    assert "qty" in schemas["ProductResource"]["properties"]
    assert "total" not in schemas["ProductResource"]["properties"], "it is product's, not delivery's"


def test_a_name_that_means_different_things_says_whose_it_is() -> None:
    rental = a_service("/rentals", color=(str, ...)).openapi()
    delivery = a_service("/deliveries", weight=(int, ...)).openapi()
    document = combine(own(), {"rental": rental, "delivery": delivery})
    is_sound(document)
    for service, path, field in (("rental", "/rentals", "color"), ("delivery", "/deliveries", "weight")):
        operation = document["paths"][path]["post"]
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        assert answer == f"#/components/schemas/{service}_Thing", "the same words, but another Part"
        part = resolve(document, answer)["properties"]["part"]["$ref"]
        assert part == f"#/components/schemas/{service}_Part"
        assert list(resolve(document, part)["properties"]) == [field]
        assert operation["operationId"].startswith(f"{service}_")
    assert {"HTTPValidationError", "ValidationError"} <= document["components"]["schemas"].keys(), "shared"


def test_a_name_that_means_the_same_is_there_once() -> None:
    services = {
        name: a_service(path, color=(str, ...)).openapi()
        for name, path in (("rental", "/rentals"), ("delivery", "/deliveries"))
    }
    document = combine(own(), services)
    is_sound(document)
    assert {"Thing", "Part", "Own"} <= document["components"]["schemas"].keys()


def test_only_what_is_routed_to_a_service_is_taken_from_it() -> None:
    document = combine(own(), {"rental": a_service("/rentals", color=(str, ...)).openapi()})
    assert set(document["paths"]) == {"/", "/rentals"}


def test_the_cancel_between_services_is_left_out() -> None:
    document = combine(own(), {"delivery": delivery_app.openapi()})
    assert not any("cancellation" in path for path in document["paths"])
    assert "Cancellation" not in document["components"]["schemas"]


def test_combining_changes_nothing_that_it_was_given() -> None:
    given = a_service("/rentals", color=(str, ...)).openapi()
    before = repr(given)
    combine(own(), {"rental": given, "delivery": a_service("/deliveries", weight=(int, ...)).openapi()})
    assert repr(given) == before


async def test_who_does_not_answer_is_left_out_and_named(http: httpx2.AsyncClient) -> None:
    async with (
        serving(a_service("/rentals", color=(str, ...))) as rental,
        owner(hanging) as product,
        owner(sending(OK)) as delivery,
        gateway_to(Limits(ask_seconds=1.5), product=product.url, rental=rental, delivery=delivery.url) as url,
    ):
        document = (await http.get(url + "/openapi.json")).json()
    is_sound(document)
    assert document["info"]["title"] == "OA Rental"
    assert "product, delivery, information" in document["info"]["description"]
    assert {"/rentals", "/", "/health"} <= document["paths"].keys()


@pytest.mark.parametrize(("keep_seconds", "fetched"), [(60.0, 1), (0.0, 3)])
async def test_it_is_fetched_again_only_after_a_moment(
    http: httpx2.AsyncClient, keep_seconds: float, fetched: int
) -> None:
    async with (
        owner(sending(OK.replace(b"4", b"2").replace(b"true", b"{}"))) as rental,
        gateway_to(Limits(keep_document_seconds=keep_seconds), rental=rental.url) as url,
    ):
        await asyncio.gather(*(http.get(url + "/openapi.json") for _ in range(2)))
        await http.get(url + "/openapi.json")
        assert len(rental.received) == fetched


async def test_it_is_there_for_reading(http: httpx2.AsyncClient) -> None:
    async with gateway_to() as url:
        answer = await http.get(url + "/docs")
    assert answer.headers["content-type"].startswith("text/html")
    assert "/openapi.json" in answer.text
