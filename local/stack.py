"""The whole system: PostgreSQL, Kafka, then our services; started in order, watched, stopped in reverse."""

import asyncio
import shutil
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

from local.guard import Guard
from local.home import Home
from local.jars import kafka_version
from local.kafka import EmbeddedKafka
from local.paths import temporary_path
from local.ports import HOST, Ports, require_free
from local.postgres import EmbeddedPostgres
from local.process import Process, Program
from local.provision import provision
from local.report import Reporter, State, silent
from local.servers import require_kafka, require_postgres
from local.services import SERVICES, Service, Surroundings, only
from local.supervised import Backoff, Supervised
from local.together import together
from local.trouble import Trouble

__all__ = ["SERVICES", "Service", "Stack", "only"]

STOP_SECONDS = 9.0
KAFKA_SECONDS = 2.5
POSTGRES_SECONDS = 1.5
NEXT_SECONDS = 1.0  # a slow one delays the next one's signal by no more than this
READY_SECONDS = 60.0


class Stack:
    """One running system. The same class serves `oa-rental up`, the journeys and the benchmarks."""

    def __init__(
        self,
        data_dir: Path | None = None,
        ports: Ports | None = None,
        *,
        environment: Mapping[str, Mapping[str, str]] | None = None,
        services: Sequence[Service] = SERVICES,
        restart: bool = True,
        backoff: Backoff | None = None,
        admin_url: str | None = None,
        bootstrap: str | None = None,
        report: Reporter = silent,
    ) -> None:
        self.ports = ports or Ports.free()
        self.services = {service.name: service for service in services}
        self.admin_url = admin_url or ""
        self.bootstrap = bootstrap or f"{HOST}:{self.ports.kafka}"
        self._own_postgres = not admin_url
        self._own_kafka = not bootstrap
        self._extra = dict(environment or {})
        self._restart = restart
        self._backoff = backoff or Backoff()
        self._report = report
        self._supervised: dict[str, Supervised] = {}
        self._hurry = asyncio.Event()
        self._opened = AsyncExitStack()
        self._temporary = data_dir is None
        self._home = Home(data_dir or temporary_path())
        self._guard = Guard()
        self._surroundings: Surroundings | None = None
        self.versions: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start everything and wait until it is ready; when that fails, or is cancelled, nothing is left."""
        self._supervised.clear()
        self._hurry.clear()
        try:
            if self._temporary:
                self._opened.callback(shutil.rmtree, self.data_dir, ignore_errors=True)
            self._home.open()
            self._opened.callback(self._home.close)
            self._home.require_space()
            for used in self.ports.used(
                self.services, postgres=self._own_postgres, kafka=self._own_kafka
            ).items():
                require_free(*used)
            self._guard = await self._opened.enter_async_context(Guard(self._home.lock))
            await together(self._start_database(), self._start_kafka())
            await together(*(self.start_service(name) for name in self.services))
        except BaseException:
            await self.stop()
            raise

    async def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Stop everything in reverse order, by force where it takes too long."""
        deadline = time.monotonic() + seconds
        await self._stop_in_turn([*reversed(self.services)], deadline - KAFKA_SECONDS - POSTGRES_SECONDS)
        await self._stop_in_turn(["kafka"], deadline - POSTGRES_SECONDS)
        await self._stop_in_turn(["postgres"], deadline)
        await self._opened.aclose()

    def hurry(self) -> None:
        """Stop waiting for anything to stop by itself."""
        self._hurry.set()

    @property
    def data_dir(self) -> Path:
        return self._home.path

    @property
    def urls(self) -> dict[str, str]:
        return {name: f"http://{HOST}:{self.ports[name]}" for name in self.services}

    @property
    def logs(self) -> dict[str, Path]:
        return {name: self._home.logs / f"{name}.log" for name in ("postgres", "kafka", *self.services)}

    def database_url(self, name: str) -> str:
        """Address a context's database as that context."""
        return self._around.database_urls[name]

    def process(self, name: str) -> Process:
        """Find the process of a service, of "postgres" or of "kafka"."""
        return self._supervised[name].process

    def send_signal(self, name: str, number: signal.Signals) -> None:
        """Signal a process, for example with SIGSTOP: it hangs without dying."""
        self.process(name).send_signal(number)

    async def kill(self, name: str) -> None:
        """End a process with SIGKILL; the supervisor restarts it."""
        await self._supervised[name].kill()

    async def wait_ready(self, name: str, seconds: float = READY_SECONDS) -> None:
        """Wait until a process that died is ready again."""
        await self._supervised[name].wait_ready(seconds)

    async def stop_service(self, name: str, seconds: float = STOP_SECONDS) -> None:
        """Stop a process and leave it stopped."""
        await self._supervised[name].stop(seconds)

    async def start_service(self, name: str, environment: Mapping[str, str] | None = None) -> None:
        """Start a service, from now on with this environment beside its own, and wait until it is ready."""
        if environment is not None:
            self._extra[name] = environment
        await self._supervise(self._around.program(self.services[name], self._environment(name)))

    async def start_server(self, name: str) -> None:
        """Start "postgres" or "kafka" again after it was stopped."""
        await self._supervised[name].start()

    @property
    def _around(self) -> Surroundings:
        if self._surroundings is None:
            raise Trouble("The system has not started.")
        return self._surroundings

    def _environment(self, name: str) -> dict[str, str]:
        return {**self._extra.get("*", {}), **self._extra.get(name, {})}

    async def _start_database(self) -> None:
        if self._own_postgres:
            postgres = EmbeddedPostgres(self._home.postgres, self.ports.postgres, logs=self._home.logs)
            self._report(postgres.name, State.STARTING)
            await self._supervise(await postgres.prepare(self._guard))
            self.admin_url = postgres.admin_url
        passwords = {name: self._home.secret(name) for name, each in self.services.items() if each.database}
        self.versions["PostgreSQL"] = await require_postgres(self.admin_url)
        urls = await provision(self.admin_url, passwords)
        key = self._home.secret("service-key")
        self._surroundings = Surroundings(self.ports, self.bootstrap, urls, key, self._home.logs)
        await together(*(self._migrate(service) for service in self.services.values() if service.migration))

    async def _migrate(self, service: Service) -> None:
        program = self._around.migration(service, self._environment(service.name))
        self._report(service.name, State.PROGRESS, "bringing its database up to date")
        await Process(program, self._guard).run()
        self._report(service.name, State.PROGRESS, "waiting for its start")

    async def _start_kafka(self) -> None:
        if not self._own_kafka:
            await require_kafka(self.bootstrap)
            return
        ports = (self.ports.kafka, self.ports.controller)
        kafka = EmbeddedKafka(self._home.kafka, *ports, logs=self._home.logs, report=self._report)
        self._report(kafka.name, State.STARTING)
        await self._supervise(await kafka.prepare(self._guard))
        self.versions |= {"Kafka": kafka_version(), "Java": f"{kafka.java}"}

    async def _supervise(self, program: Program) -> None:
        name = program.name
        if name not in self._supervised:
            self._supervised[name] = Supervised(
                program, self._guard, self._report, self._backoff, restart=self._restart
            )
        await self._supervised[name].start(program)

    async def _stop_in_turn(self, names: Sequence[str], deadline: float) -> None:
        stopping: set[asyncio.Task[None]] = set()
        for name in names:
            if supervised := self._supervised.get(name):
                seconds = max(0.0, deadline - time.monotonic())
                stopping.add(asyncio.create_task(supervised.stop(seconds, self._hurry)))
                await asyncio.wait(stopping, timeout=min(seconds, NEXT_SECONDS))
        await asyncio.gather(*stopping)
