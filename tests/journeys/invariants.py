"""What must hold whenever a system is at rest, whatever was done to it before."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from tests.journeys.system import CONTEXTS, System
from tests.journeys.topics import Announced, read_all

AT_REST = {"DELIVERED", "CANCELED", "CANCELED_OutOfStock", "CANCELED_UnregisteredProduct"}
Row = dict[str, Any]
Rows = dict[int, Row]


@dataclass(frozen=True)
class Evidence:
    """Everything that the databases and the topics hold."""

    products: Rows
    stock_levels: Rows
    rentals: Rows
    rentals_products: Rows
    deliveries: Rows
    stocks: Rows
    my_orders: Rows
    announced: list[Announced]
    left: dict[str, list[Row]]


async def gather(system: System) -> Evidence:
    """Read it all."""

    async def table(context: str, name: str, key: str) -> Rows:
        rows = await system.rows(context, f"SELECT * FROM {name}")
        return {row[key]: row for row in rows}

    return Evidence(
        products=await table("product", "products", "id"),
        stock_levels=await table("product", "stock_levels", "product_id"),
        rentals=await table("rental", "rentals", "id"),
        rentals_products=await table("rental", "products", "id"),
        deliveries=await table("delivery", "deliveries", "id"),
        stocks=await table("delivery", "stocks", "product_id"),
        my_orders=await table("information", "my_orders", "rental_id"),
        announced=await read_all(system.stack.bootstrap),
        left={
            f"{context}.{name}": await system.rows(context, f"SELECT * FROM {name}")
            for context in CONTEXTS
            for name in ("outbox", "dead_letters")
        },
    )


def violations(found: Evidence) -> list[str]:
    """Say in one sentence each what does not hold."""
    return list(
        chain(
            _stock_is_conserved(found),
            _orders_are_settled(found),
            _the_view_agrees(found),
            _copies_agree(found),
            _facts_are_complete(found),
            _nothing_is_left(found),
        )
    )


def _stock_is_conserved(found: Evidence) -> Iterator[str]:
    delivered: dict[int, int] = defaultdict(int)
    for delivery in found.deliveries.values():
        if delivery["status"] == "DELIVERED":
            delivered[delivery["product_id"]] += delivery["qty"]
    for number, stock in found.stocks.items():
        if stock["out"] != delivered[number]:
            yield f"product {number}: {stock['out']} units are out, but deliveries hold {delivered[number]}"
        if stock["units"] != found.products[number]["units"]:
            yield f"product {number}: delivery counts {stock['units']}, not {found.products[number]['units']}"
    for record in found.announced:
        if record.envelope.type == "StockChanged":
            total, out, available = (record.payload[name] for name in ("total", "out", "available"))
            if total != out + available or min(total, out, available) < 0:
                yield f"{record.envelope.subject}: {total} total, {out} out, {available} available"


def _orders_are_settled(found: Evidence) -> Iterator[str]:
    for number in found.rentals.keys() | found.deliveries.keys():
        rental, delivery = found.rentals.get(number), found.deliveries.get(number)
        if rental is None or delivery is None:
            yield f"order {number}: rental has {rental}, delivery has {delivery}"
            continue
        if rental["status"] not in AT_REST or rental["status"] != delivery["status"]:
            yield f"order {number} is {rental['status']} in rental and {delivery['status']} in delivery"
        tombstone = delivery["status"] == "CANCELED" and delivery["product_id"] is None
        same = all(rental[name] == delivery[name] for name in ("product_id", "qty"))
        if not same and not tombstone:
            yield f"order {number}: rental has {rental}, delivery has {delivery}"
        if rental["status"] == "DELIVERED" and rental["delivery_id"] != delivery["id"]:
            yield f"order {number} was delivered, but its deliveryId is {rental['delivery_id']}"


def _the_view_agrees(found: Evidence) -> Iterator[str]:
    for number in found.rentals.keys() | found.my_orders.keys():
        rental, view = found.rentals.get(number), found.my_orders.get(number)
        if rental is None or view is None:
            yield f"order {number}: rental has {rental}, the view has {view}"
            continue
        names = ("product_id", "product_name", "qty", "status", "delivery_id")
        if differences := {name: (rental[name], view[name]) for name in names if rental[name] != view[name]}:
            yield f"order {number}: rental and the view differ in {differences}"
        delivery = found.deliveries.get(number)
        if delivery and delivery["status"] != view["delivery_status"]:
            yield f"order {number}: delivery says {delivery['status']}, the view {view['delivery_status']}"


def _copies_agree(found: Evidence) -> Iterator[str]:
    for number, product in found.products.items():
        stock = found.stocks.get(number)
        copy = found.rentals_products.get(number)
        level = found.stock_levels.get(number)
        if stock is None or copy is None or level is None:
            yield f"product {number}: delivery has {stock}, rental has {copy}, product's stock is {level}"
            continue
        if not product["name"] == stock["name"] == copy["name"]:
            yield f"product {number} is called {product['name']}, {stock['name']} and {copy['name']}"
        total = max(stock["units"], stock["out"])
        if (level["total"], level["out"]) != (total, stock["out"]):
            yield f"product {number}: product says {level}, delivery {stock}"
        if not copy["available"] == level["available"] == total - stock["out"]:
            yield f"product {number}: product says {level}, rental {copy}, delivery {stock}"


def _facts_are_complete(found: Evidence) -> Iterator[str]:
    """Compare what was announced about each aggregate with how often it says that it announced."""
    versions: dict[str, list[int]] = defaultdict(list)
    for record in found.announced:
        told = versions[record.envelope.subject]
        if record.envelope.aggregate_version not in told:
            told.append(record.envelope.aggregate_version)
    counters = {
        "products": {number: row["version"] for number, row in found.products.items()},
        "rentals": {number: row["announced"] for number, row in found.rentals.items()},
        "deliveries": {number: row["announced"] for number, row in found.deliveries.items()},
        "stocks": {number: row["announced"] for number, row in found.stocks.items()},
    }
    expected = {
        f"{aggregate}/{number}": list(range(1, count + 1))
        for aggregate, counts in counters.items()
        for number, count in counts.items()
    }
    for subject in expected.keys() | versions.keys():
        if expected.get(subject) != versions.get(subject):
            yield f"{subject}: facts {expected.get(subject)} expected, {versions.get(subject)} in the topic"


def _nothing_is_left(found: Evidence) -> Iterator[str]:
    for table, rows in found.left.items():
        for row in rows:
            yield f"left in {table}: {row}"
