"""The processes that make up the system, in the order in which they start."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from local.http_ready import answers_ready
from local.ports import HOST, Ports
from local.process import Program

ROOT = Path(__file__).parent.parent
ADDRESSED = ("product", "rental", "delivery", "information")
# What belongs to `up` alone; a service must not inherit an administrator's password.
OURS = ("OA_DATABASE_URL", "OA_SERVICE_KEY", "OA_PORT", "OA_HOST")


@dataclass(frozen=True)
class Service:
    """One process of ours, what must run before it, and what it is trusted with."""

    name: str
    command: tuple[str, ...]
    migration: tuple[str, ...] = ()
    database: bool = False
    service_key: bool = False


def _context(name: str, *, service_key: bool = False) -> Service:
    python = (sys.executable, "-m")
    return Service(
        name, (*python, "chassis.serve", name), (*python, "chassis.migrate", name), True, service_key
    )


SERVICES = (
    _context("product"),
    _context("rental", service_key=True),
    _context("delivery", service_key=True),
    _context("information"),
    Service("gateway", (sys.executable, "-m", "chassis.serve", "gateway")),
)


def only(*names: str) -> tuple[Service, ...]:
    """Choose some of the services."""
    return tuple(service for service in SERVICES if service.name in names)


@dataclass(frozen=True)
class Surroundings:
    """Where a service finds the others."""

    ports: Ports
    bootstrap: str
    database_urls: Mapping[str, str]
    service_key: str
    logs: Path

    def environment(self, service: Service, extra: Mapping[str, str]) -> dict[str, str]:
        """Everything that one service may know; what a caller adds counts most."""
        environment = {name: value for name, value in os.environ.items() if name not in OURS}
        environment |= {f"OA_{name.upper()}_URL": f"http://{HOST}:{self.ports[name]}" for name in ADDRESSED}
        environment |= {
            "OA_HOST": HOST,
            "OA_PORT": str(self.ports[service.name]),
            "OA_KAFKA_BOOTSTRAP": self.bootstrap,
            "PYTHONUNBUFFERED": "1",
        }
        if service.database:
            environment["OA_DATABASE_URL"] = self.database_urls[service.name]
        if service.service_key:
            environment["OA_SERVICE_KEY"] = self.service_key
        return {**environment, **extra}

    def program(self, service: Service, extra: Mapping[str, str]) -> Program:
        """Say how to run a service."""
        return Program(
            service.name,
            service.command,
            self.logs / f"{service.name}.log",
            self.environment(service, extra),
            ready=partial(answers_ready, HOST, self.ports[service.name]),
            directory=ROOT,
        )

    def migration(self, service: Service, extra: Mapping[str, str]) -> Program:
        """Say how to bring a service's database to the newest schema."""
        log = self.logs / f"{service.name}-migration.log"
        environment = self.environment(service, extra)
        return Program(f"{service.name}'s migration", service.migration, log, environment, directory=ROOT)
