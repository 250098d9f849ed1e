"""The product context over real HTTP."""

from typing import Any

import httpx2
import pytest

from chassis.database import Database
from shared_events.delivery import StockChanged
from shared_events.product import ProductSaved, StockAdjusted
from tests.support.bodies import NO_NUMBER, NO_QUANTITY, NO_TEXT, Refusals
from tests.support.databases import announced, content, rows
from tests.support.messages import Listener, told
from tests.support.problems import assert_collection_is_paged, assert_paths_are_refused, refusal


async def registered(http: httpx2.AsyncClient, **body: Any) -> dict[str, Any]:
    """Register a product."""
    answer = await http.post("/products", json={"name": "computer", "qty": 9, **body})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_registering_answers_with_the_product_and_what_can_be_done_with_it(
    http: httpx2.AsyncClient,
) -> None:
    answer = await http.post("/products", json={"name": "computer", "qty": 9})
    assert answer.status_code == 201
    assert answer.headers["location"] == "/products/1"
    assert answer.headers["content-type"] == "application/hal+json"
    assert answer.json() == {
        "id": 1,
        "name": "computer",
        "qty": 9,
        "_links": {
            "self": {"href": "/products/1"},
            "revise": {"href": "/products/1", "method": "PATCH"},
            "adjustStock": {"href": "/products/1/stock-adjustments", "method": "POST"},
        },
    }
    assert (await http.get("/products/1")).json() == answer.json()


async def test_the_quantity_may_be_a_text_as_httpie_sends_it(http: httpx2.AsyncClient) -> None:
    assert (await registered(http, qty="9"))["qty"] == 9


async def test_the_quantity_is_ten_unless_it_is_said(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/products", json={"name": "computer"})
    assert answer.json()["qty"] == 10


@pytest.mark.parametrize("qty", [1, 1_000_000])
async def test_the_quantity_goes_from_one_to_a_million(http: httpx2.AsyncClient, qty: int) -> None:
    assert (await registered(http, qty=qty))["qty"] == qty


@pytest.mark.parametrize(
    "name", ["컴퓨터", "Дрель 🖨️", "O'Brien\"; DROP TABLE products; --", "{{7*7}}", "x" * 200]
)
async def test_a_name_may_be_any_text_in_any_language(http: httpx2.AsyncClient, name: str) -> None:
    assert (await registered(http, name=name))["name"] == name
    assert (await http.get("/products/1")).json()["name"] == name


async def test_blanks_around_a_name_are_not_kept(http: httpx2.AsyncClient) -> None:
    assert (await registered(http, name="  computer "))["name"] == "computer"


async def test_the_quantity_follows_what_delivery_tells(http: httpx2.AsyncClient, listener: Listener) -> None:
    await registered(http)
    await listener.hears(told(StockChanged(product_id=1, total=9, out=3, available=6)))
    assert (await http.get("/products/1")).json()["qty"] == 6
    assert (await http.get("/products")).json()["_embedded"]["products"][0]["qty"] == 6


async def test_revising_changes_the_name_only(http: httpx2.AsyncClient, database: Database) -> None:
    await registered(http)
    answer = await http.patch("/products/1", json={"name": "notebook"})
    assert answer.status_code == 200
    assert (answer.json()["name"], answer.json()["qty"]) == ("notebook", 9)
    assert (await announced(database))[1:] == [ProductSaved(product_id=1, name="notebook", qty=9)]


@pytest.mark.parametrize("delta", [3, "-2", -9])
async def test_an_adjustment_is_taken_and_delivery_will_tell_the_new_stock(
    http: httpx2.AsyncClient, database: Database, delta: Any
) -> None:
    await registered(http)
    answer = await http.post(
        "/products/1/stock-adjustments", json={"delta": delta, "reason": "counted again"}
    )
    assert (answer.status_code, answer.json()["qty"]) == (202, 9)
    assert (await announced(database))[1:] == [
        StockAdjusted(product_id=1, delta=int(delta), reason="counted again")
    ]


async def test_more_units_than_there_are_cannot_be_taken_out(
    http: httpx2.AsyncClient, database: Database
) -> None:
    await registered(http)
    before = await content(database)
    answer = await http.post("/products/1/stock-adjustments", json={"delta": -10, "reason": "a mistake"})
    assert refusal(answer) == (409, "not-that-many-units")
    assert await content(database) == before


async def test_an_adjustment_by_nothing_is_refused(http: httpx2.AsyncClient, database: Database) -> None:
    await registered(http)
    answer = await http.post("/products/1/stock-adjustments", json={"delta": 0, "reason": "no reason"})
    assert refusal(answer) == (422, "invalid-request")
    assert len(await announced(database)) == 1


async def test_what_does_not_exist_cannot_be_changed(http: httpx2.AsyncClient, database: Database) -> None:
    for answer in (
        await http.patch("/products/1", json={"name": "x"}),
        await http.post("/products/1/stock-adjustments", json={"delta": 1, "reason": "x"}),
    ):
        assert refusal(answer) == (404, "not-found")
    assert await announced(database) == []


async def test_what_is_not_a_registration_is_refused_and_nothing_is_kept(
    http: httpx2.AsyncClient, database: Database
) -> None:
    before = await content(database)
    refusals = Refusals(http, "POST", "/products", {"name": "computer", "qty": 9})
    await refusals.no_object()
    await refusals.field("name", NO_TEXT)
    await refusals.field("qty", NO_QUANTITY)
    await refusals.missing("name")
    await refusals.unknown_fields()
    await refusals.too_large()
    refusals.compare()
    assert await content(database) == before


async def test_what_is_not_a_revision_is_refused_and_nothing_is_kept(
    http: httpx2.AsyncClient, database: Database
) -> None:
    await registered(http)
    before = await content(database)
    refusals = Refusals(http, "PATCH", "/products/1", {"name": "notebook"})
    await refusals.no_object()
    await refusals.field("name", NO_TEXT)
    await refusals.field("qty", {"the stock is not revised": b"7"})
    await refusals.missing("name")
    await refusals.unknown_fields()
    await refusals.too_large()
    refusals.compare()
    assert await content(database) == before


async def test_what_is_not_an_adjustment_is_refused_and_nothing_is_kept(
    http: httpx2.AsyncClient, database: Database
) -> None:
    await registered(http)
    before = await content(database)
    refusals = Refusals(
        http, "POST", "/products/1/stock-adjustments", {"delta": 1, "reason": "counted again"}
    )
    await refusals.no_object()
    await refusals.field("delta", NO_NUMBER | {"too many": b"1000001", "too few": b"-1000001"})
    await refusals.field("reason", NO_TEXT)
    await refusals.missing("delta")
    await refusals.missing("reason")
    await refusals.unknown_fields()
    await refusals.too_large()
    refusals.compare()
    assert await content(database) == before


async def test_what_is_not_there_is_refused(http: httpx2.AsyncClient) -> None:
    await assert_paths_are_refused(http, "/products")


async def test_the_catalogue_is_browsed_page_by_page(http: httpx2.AsyncClient, database: Database) -> None:
    await database.pool.execute(
        """INSERT INTO products (name, initial_qty, units, version)
           SELECT 'computer', 9, 9, 1 FROM generate_series(1, 24)"""
    )
    await assert_collection_is_paged(http, "/products", "id", 24)


async def test_an_empty_catalogue_is_an_empty_page(http: httpx2.AsyncClient) -> None:
    page = (await http.get("/products")).json()
    assert page == {"_links": {"self": {"href": "/products"}}, "_embedded": {"products": []}}


async def test_a_trace_goes_from_the_request_to_the_event(
    http: httpx2.AsyncClient, database: Database
) -> None:
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    answer = await http.post("/products", json={"name": "computer"}, headers={"traceparent": trace})
    assert answer.headers["traceparent"] == trace
    assert [row["traceparent"] for row in await rows(database, "outbox")] == [trace]


@pytest.mark.parametrize("nonsense", ["", "x", "00-" + "0" * 32 + "-" + "b" * 16 + "-01", "z" * 55])
async def test_a_trace_that_is_nonsense_is_replaced(http: httpx2.AsyncClient, nonsense: str) -> None:
    answer = await http.get("/products", headers={"traceparent": nonsense})
    assert answer.headers["traceparent"] != nonsense
    assert len(answer.headers["traceparent"]) == 55
