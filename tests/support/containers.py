"""PostgreSQL and Kafka in containers, for OA_TEST_INFRA=containers: what docker-compose.yml runs."""

import asyncio
import os
import secrets
from pathlib import Path
from typing import Any

import yaml
from docker.errors import DockerException  # type: ignore[import-untyped]
from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from local.ports import free_port

COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"
START_SECONDS = 120
BROKER_PORT = 9092


class NoContainerEngineError(RuntimeError):
    """The tests were told to use containers, and no engine answers."""

    def __init__(self, cause: Exception) -> None:
        address = os.environ.get("DOCKER_HOST", "the usual place")
        super().__init__(
            f"OA_TEST_INFRA=containers needs a Docker engine, and none answers at {address}: "
            f"start one, or unset OA_TEST_INFRA to use the embedded servers ({cause})."
        )


def wanted() -> bool:
    """Tell whether the tests shall use containers; a word that nobody understands is an error."""
    choice = os.environ.get("OA_TEST_INFRA", "embedded")
    if choice not in ("embedded", "containers"):
        raise ValueError(f"OA_TEST_INFRA={choice} is not known: choose embedded or containers.")
    return choice == "containers"


class ContainerPostgres:
    """The counterpart of local.postgres.EmbeddedPostgres."""

    def __init__(self) -> None:
        self._container: PostgresContainer | None = None

    async def start(self) -> None:
        """Start it and wait until it answers."""
        await asyncio.to_thread(self._start)

    def _start(self) -> None:
        service = _service("postgres")
        try:
            container = PostgresContainer(
                service["image"],
                username="postgres",
                password=secrets.token_hex(16),
                dbname="postgres",
                driver=None,
            )
            container.with_env("POSTGRES_INITDB_ARGS", service["environment"]["POSTGRES_INITDB_ARGS"])
            container.with_command("postgres -c max_connections=200")
            container.with_kwargs(user=service["user"])
        except DockerException as error:
            raise NoContainerEngineError(error) from error
        _begin(container)
        self._container = container

    async def stop(self) -> None:
        """Remove it and its data."""
        if self._container:
            await asyncio.to_thread(self._container.stop)

    @property
    def admin_url(self) -> str:
        """The superuser's address."""
        if self._container is None:
            raise LookupError("postgres is not running")
        url: str = self._container.get_connection_url()
        return url


class ContainerKafka:
    """The counterpart of local.kafka.EmbeddedKafka."""

    def __init__(self) -> None:
        self.bootstrap = ""
        self._container: DockerContainer | None = None

    async def start(self) -> None:
        """Start it and wait until it answers."""
        await asyncio.to_thread(self._start)

    def _start(self) -> None:
        service = _service("kafka")
        try:
            container = DockerContainer(service["image"])
            host = container.get_docker_client().host()
        except DockerException as error:
            raise NoContainerEngineError(error) from error
        # A broker tells its clients its address, so the port outside is chosen before it starts.
        port = free_port()
        self.bootstrap = f"{host}:{port}"
        container.with_bind_ports(BROKER_PORT, port)
        container.with_kwargs(user=service["user"])
        for name, value in service["environment"].items():
            container.with_env(name, value)
        container.with_env("KAFKA_ADVERTISED_LISTENERS", f"PLAINTEXT://{self.bootstrap}")
        started = LogMessageWaitStrategy("Kafka Server started")
        container.waiting_for(started.with_startup_timeout(START_SECONDS))
        _begin(container)
        self._container = container

    async def stop(self) -> None:
        """Remove it and its data."""
        if self._container:
            await asyncio.to_thread(self._container.stop)


def _service(name: str) -> dict[str, Any]:
    services: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]
    return services[name]


def _begin(container: DockerContainer) -> None:
    """Start a container, or leave none behind."""
    try:
        container.start()
    except BaseException:
        container.stop()
        raise
