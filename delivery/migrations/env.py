"""Alembic's entry to the delivery context."""

from chassis.migrate import run
from delivery.tables import metadata

run(metadata)
