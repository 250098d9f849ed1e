"""Alembic's entry to the rental context."""

from chassis.migrate import run
from rental.tables import metadata

run(metadata)
