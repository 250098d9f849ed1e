"""The delivery context over real HTTP: look-ups for everyone, and a cancel for rental only."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from chassis.credentials import issue
from chassis.database import Database
from tests.delivery.deciding import adjusted, delivery, ordered, registered, stock
from tests.support.bodies import Refusals
from tests.support.databases import announced, content
from tests.support.messages import Listener
from tests.support.problems import assert_collection_is_paged, assert_paths_are_refused, refusal
from tests.support.running import SERVICE_KEY, Running

CANCELLATION = {"cancelId": str(UUID(int=1))}


def rentals_token(**other: Any) -> dict[str, str]:
    """Make the header with which rental shows who it is, or something like it."""
    said = {"key": SERVICE_KEY, "issuer": "rental", "audience": "delivery", "now": datetime.now(UTC), **other}
    return {"Authorization": f"Bearer {issue(said.pop('key'), **said)}"}


async def cancel(http: httpx2.AsyncClient, rental_id: int = 1) -> httpx2.Response:
    """Cancel as rental does."""
    path = f"/deliveries/{rental_id}/cancellation"
    return await http.put(path, json=CANCELLATION, headers=rentals_token())


async def test_a_delivery_tells_what_went_where(http: httpx2.AsyncClient, listener: Listener) -> None:
    await listener.hears(registered(), ordered(7))
    answer = await http.get("/deliveries/7")
    assert answer.headers["content-type"] == "application/hal+json"
    assert answer.json() == {
        "id": 7,
        "rentalId": 7,
        "productId": 5,
        "qty": 3,
        "status": "DELIVERED",
        "_links": {"self": {"href": "/deliveries/7"}},
    }


async def test_a_product_tells_its_stock(http: httpx2.AsyncClient, listener: Listener) -> None:
    await listener.hears(registered(9), ordered(qty=6), adjusted(-5, 2))
    answer = await http.get("/products/5")
    assert answer.json() == {
        "id": 5,
        "name": "computer",
        "qty": 0,
        "out": 6,
        "total": 6,
        "_links": {"self": {"href": "/products/5"}},
    }
    assert (await http.get("/products")).json()["_embedded"]["products"] == [answer.json()]


async def test_rental_cancels_and_cancels_again_with_the_same_success(
    http: httpx2.AsyncClient, database: Database, listener: Listener
) -> None:
    await listener.hears(registered(), ordered())
    first, second = await cancel(http), await cancel(http)
    assert (first.status_code, first.json()["status"], first.json()["productId"]) == (200, "CANCELED", 5)
    assert (second.status_code, second.json()) == (200, first.json())
    assert (await stock(database)).available == 9


async def test_a_cancel_of_an_unknown_rental_leaves_a_tombstone_that_can_be_looked_up(
    http: httpx2.AsyncClient,
) -> None:
    assert (await cancel(http, 99)).status_code == 200
    answer = await http.get("/deliveries/99")
    assert (answer.json()["status"], answer.json()["productId"], answer.json()["qty"]) == (
        "CANCELED",
        None,
        0,
    )


async def test_what_was_refused_cannot_be_cancelled(
    http: httpx2.AsyncClient, database: Database, listener: Listener
) -> None:
    await listener.hears(registered(), ordered(qty=10))
    before = await content(database)
    assert refusal(await cancel(http)) == (409, "nothing-to-cancel")
    assert await content(database) == before


def strangers() -> dict[str, dict[str, str]]:
    """List who is not rental."""
    return {
        "nobody": {},
        "an empty token": {"Authorization": "Bearer"},
        "a word": {"Authorization": "Bearer please"},
        "another scheme": {"Authorization": "Basic cmVudGFsOnJlbnRhbA=="},
        "another key": rentals_token(key="another key that is also long enough"),
        "another service": rentals_token(issuer="information"),
        "a token for another service": rentals_token(audience="product"),
        "an old token": rentals_token(now=datetime.now(UTC) - timedelta(minutes=10)),
        "no signature": {
            "Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJyZW50YWwiLCJhdWQiOiJkZWxpdmVyeSJ9."
        },
        "bytes": {"Authorization": "Bearer \xff\xfe"},
    }


@pytest.mark.parametrize("who", strangers())
async def test_nobody_but_rental_cancels_or_plants_tombstones(
    http: httpx2.AsyncClient, database: Database, listener: Listener, who: str
) -> None:
    await listener.hears(registered(), ordered(1))
    before = await content(database)
    header = {name.encode(): value.encode("latin-1") for name, value in strangers()[who].items()}
    for rental_id in (1, 2):
        answer = await http.put(f"/deliveries/{rental_id}/cancellation", json=CANCELLATION, headers=header)
        assert refusal(answer) == (401, "not-rental")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert await content(database) == before


async def test_what_is_not_a_cancellation_is_refused_and_nothing_is_kept(
    service: Running, http: httpx2.AsyncClient, database: Database, listener: Listener
) -> None:
    await listener.hears(registered(), ordered())
    before = await content(database)
    async with httpx2.AsyncClient(base_url=service.url, headers=rentals_token(), trust_env=False) as rental:
        refusals = Refusals(rental, "PUT", "/deliveries/1/cancellation", CANCELLATION)
        await refusals.no_object()
        ids = {
            "a number": b"1",
            "a word": b'"please"',
            "null": b"null",
            "too short": b'"1234"',
            "NUL": b'"\\u0000"',
        }
        await refusals.field("cancelId", ids)
        await refusals.missing("cancelId")
        await refusals.unknown_fields()
        await refusals.too_large()
        refusals.compare()
        for nonsense in (0, -1, 2**63, "abc"):
            answer = await rental.put(f"/deliveries/{nonsense}/cancellation", json=CANCELLATION)
            assert refusal(answer) == (422, "invalid-request")
    assert await content(database) == before


async def test_a_cancel_belongs_to_the_trace_of_its_caller(
    http: httpx2.AsyncClient, database: Database
) -> None:
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    headers = {**rentals_token(), "traceparent": trace}
    await http.put("/deliveries/1/cancellation", json=CANCELLATION, headers=headers)
    assert await database.pool.fetchval("SELECT traceparent FROM outbox") == trace


async def test_what_is_not_there_is_refused(http: httpx2.AsyncClient) -> None:
    await assert_paths_are_refused(http, "/deliveries", "/products")


async def test_a_cancellation_is_only_put(http: httpx2.AsyncClient, database: Database) -> None:
    for method in ("GET", "POST", "DELETE", "PATCH"):
        answer = await http.request(method, "/deliveries/1/cancellation", headers=rentals_token())
        assert refusal(answer) == (405, "method-not-allowed")
    assert await announced(database) == []


async def test_deliveries_and_products_are_listed_page_by_page(
    http: httpx2.AsyncClient, database: Database
) -> None:
    await database.pool.execute(
        """INSERT INTO deliveries SELECT n, 5, 3, 'DELIVERED', NULL, 1, 1 FROM generate_series(1, 24) n"""
    )
    await database.pool.execute(
        """INSERT INTO stocks SELECT n, 'computer', 9, 0, 1, 1, 1 FROM generate_series(1, 24) n"""
    )
    await assert_collection_is_paged(http, "/deliveries", "id", 24)
    await assert_collection_is_paged(http, "/products", "id", 24)


async def test_a_waiting_order_is_shown_as_waiting(
    http: httpx2.AsyncClient, database: Database, listener: Listener
) -> None:
    await listener.hears(ordered(known=True))
    assert (
        (await http.get("/deliveries/1")).json()["status"] == (await delivery(database)).status == "WAITING"
    )
