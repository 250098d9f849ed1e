"""Alembic's entry to the product context."""

from chassis.migrate import run
from product.tables import metadata

run(metadata)
