"""Alembic's entry to the information context."""

from chassis.migrate import run
from information.tables import metadata

run(metadata)
