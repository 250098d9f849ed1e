"""An embedded Apache Kafka 4: one node that is broker and controller (KRaft), on 127.0.0.1 only."""

import base64
import os
import shutil
import uuid
from functools import partial
from pathlib import Path

from local.embedded import Embedded
from local.guard import Guard
from local.jars import resolve_jars
from local.java import Java, find_java
from local.kafka_ready import serves
from local.paths import make_directory
from local.ports import HOST
from local.process import Process, Program
from local.report import Reporter, silent

LOG4J = Path(__file__).parent / "kafka" / "log4j2.yaml"
JAVA_OPTIONS = (
    "-Xmx384m",
    "-XX:+UseSerialGC",  # the smallest when idle; two cores have little use for a parallel one
    # The first compiler only: half the CPU per message in the first minutes, 30 MB less, a quicker start.
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",  # the supervisor restarts a dead broker, not a wounded one
    "-XX:-UsePerfData",
    "-Djava.awt.headless=true",
    "-Djava.net.preferIPv4Stack=true",
    f"-Dlog4j2.configurationFile={LOG4J}",
)
SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    # One node: its own topics have one replica, and one partition is enough for a handful of groups.
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 1,
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 6_000,
    # An acknowledged event is with the operating system: it survives `kill -9` of the broker, not a power
    # failure. A flush for each write was measured: 12 ms instead of 1.5, a fifth of the throughput.
    # Events are kept for ever: a read view can be rebuilt from the first one.
    "log.retention.ms": -1,
    "log.segment.bytes": 64 << 20,
    "offsets.topic.segment.bytes": 16 << 20,
    "log.index.size.max.bytes": 1 << 20,
    "log.cleaner.dedupe.buffer.size": 4 << 20,
    "log.cleaner.io.buffer.size": 128 << 10,
    # A killed broker must wait for its own last session to end before it may register again: not 9 s.
    "broker.session.timeout.ms": 3_000,
    "broker.heartbeat.interval.ms": 500,
    # Nothing is written while nothing happens.
    "metadata.max.idle.interval.ms": 0,
    "num.network.threads": 2,
    "num.io.threads": 4,
    "background.threads": 2,
}


class EmbeddedKafka(Embedded):
    """One broker that keeps its topics in one directory."""

    def __init__(
        self,
        data_dir: Path,
        port: int,
        controller_port: int,
        *,
        logs: Path | None = None,
        report: Reporter = silent,
    ) -> None:
        super().__init__("kafka", data_dir, logs)
        self.port = port
        self._controller_port = controller_port
        self._report = report
        self.java: Java | None = None

    @property
    def bootstrap(self) -> str:
        return f"{HOST}:{self.port}"

    async def prepare(self, guard: Guard) -> Program:
        """Fetch the jars and format the storage at the first use, and say how to run the broker."""
        make_directory(self.data_dir, 0o700)
        java = self.java = find_java()
        jars = await resolve_jars(guard, java, self.log.with_name("maven.log"), self._report)
        command = (str(java.program), *JAVA_OPTIONS, "-cp", f"{jars}/*")
        storage = self.data_dir / "storage"
        if not storage.exists():
            await self._format(storage, command, guard)
        return Program(
            "kafka",
            (*command, "kafka.Kafka", str(self._configure(storage))),
            self.log,
            environment={"PATH": os.environ.get("PATH", "")},
            ready=partial(serves, HOST, self.port),
        )

    async def _format(self, storage: Path, command: tuple[str, ...], guard: Guard) -> None:
        """Format beside the storage's place and move it there: half of it is never taken for a whole."""
        building = self.data_dir / "building"
        shutil.rmtree(building, ignore_errors=True)
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        arguments = ("format", f"--cluster-id={cluster}", "--config", str(self._configure(building)))
        program = Program("kafka-format", (*command, "kafka.tools.StorageTool", *arguments), self.log)
        await Process(program, guard).run()
        building.replace(storage)

    def _configure(self, storage: Path) -> Path:
        """Write the broker's configuration anew: ports and settings may have changed since the last start."""
        controller = f"{HOST}:{self._controller_port}"
        settings = SETTINGS | {
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "controller.quorum.voters": f"1@{controller}",
            "log.dirs": storage,
        }
        path = self.data_dir / "server.properties"
        path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        return path
