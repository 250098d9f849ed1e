"""The database itself refuses what may never be, whatever the code does."""

import pytest
from asyncpg import CheckViolationError
from sqlalchemy import CheckConstraint

from chassis.database import Database
from tests.chassis.test_schema import metadata_of
from tests.conftest import Emptied
from tests.support.databases import CONTEXTS

RENTAL = (
    "INSERT INTO rentals (product_id, qty, status, announced, cancel_id, canceling_from, cancel_due) VALUES"
)
SOMEBODY = "gen_random_uuid(), 'ORDERED', now()"
DELIVERY = "INSERT INTO deliveries (id, product_id, qty, status, announced, version) VALUES"

FORBIDDEN: dict[tuple[str, str], list[str]] = {
    ("product", "ck_products_initial_qty_not_negative"): [
        "INSERT INTO products (name, initial_qty, units, version) VALUES ('x', -1, 1, 1)"
    ],
    ("product", "ck_products_units_not_negative"): [
        "INSERT INTO products (name, initial_qty, units, version) VALUES ('x', 1, -1, 1)"
    ],
    ("product", "ck_products_version_counts"): [
        "INSERT INTO products (name, initial_qty, units, version) VALUES ('x', 1, 1, 0)"
    ],
    ("product", "ck_stock_levels_not_negative"): [
        "INSERT INTO stock_levels VALUES (1, 1, 2, -1, 1)",
        "INSERT INTO stock_levels VALUES (1, 1, -1, 2, 1)",
    ],
    ("rental", "ck_products_available_not_negative"): ["INSERT INTO products (id, available) VALUES (1, -1)"],
    ("rental", "ck_rentals_qty_in_range"): [
        f"{RENTAL} (1, 0, 'ORDERED', 1, NULL, NULL, NULL)",
        f"{RENTAL} (1, -5, 'ORDERED', 1, NULL, NULL, NULL)",
        f"{RENTAL} (1, 1000001, 'ORDERED', 1, NULL, NULL, NULL)",
    ],
    ("rental", "ck_rentals_status_known"): [f"{RENTAL} (1, 1, 'ordered', 1, NULL, NULL, NULL)"],
    ("rental", "ck_rentals_canceling_has_an_attempt"): [
        f"{RENTAL} (1, 1, 'CANCELING', 1, NULL, 'ORDERED', now())",
        f"{RENTAL} (1, 1, 'CANCELING', 1, gen_random_uuid(), NULL, now())",
        f"{RENTAL} (1, 1, 'CANCELING', 1, gen_random_uuid(), 'ORDERED', NULL)",
        f"{RENTAL} (1, 1, 'CANCELED', 1, {SOMEBODY})",
    ],
    ("delivery", "ck_deliveries_qty_not_negative"): [f"{DELIVERY} (1, 1, -1, 'DELIVERED', 1, 1)"],
    ("delivery", "ck_deliveries_status_known"): [f"{DELIVERY} (1, 1, 1, 'CANCELING', 1, 1)"],
    ("delivery", "ck_deliveries_tombstone_is_canceled"): [f"{DELIVERY} (1, NULL, 1, 'DELIVERED', 1, 1)"],
    ("delivery", "ck_stocks_not_negative"): [
        "INSERT INTO stocks VALUES (1, 'x', -1, 0, 1, 1, 1)",
        "INSERT INTO stocks VALUES (1, 'x', 1, -1, 1, 1, 1)",
    ],
}


@pytest.mark.parametrize(("context", "constraint"), FORBIDDEN)
async def test_the_database_refuses(emptied: Emptied, context: str, constraint: str) -> None:
    database: Database = await emptied(context)
    for statement in FORBIDDEN[context, constraint]:
        with pytest.raises(CheckViolationError) as refused:
            await database.pool.execute(statement)
        assert refused.value.constraint_name == constraint


def test_every_check_of_every_context_is_tried_here() -> None:
    checks = {
        (context, str(constraint.name))
        for context in CONTEXTS
        for table in metadata_of(context).tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert checks == set(FORBIDDEN)
