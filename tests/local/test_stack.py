"""The whole supervisor on a real PostgreSQL and a real Kafka, with stand-ins for the services."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from local.http_ready import answers_ready
from local.paths import temporary_directory
from local.ports import HOST, Ports
from local.report import State
from local.services import SERVICES, Service, Surroundings
from local.stack import Stack
from local.supervised import Backoff
from local.trouble import Trouble
from tests.local.leftovers import leftovers
from tests.local.stand_ins import stand_ins

QUICKLY = Backoff(first=0.1)
INTERVAL = (0.05, 0.05)


class Journal:
    """Remembers who was reported in which state."""

    def __init__(self) -> None:
        self.reports: list[tuple[str, State, str]] = []

    def __call__(self, name: str, state: State, detail: str = "", done: float | None = None) -> None:
        assert done is None or 0 <= done <= 1
        self.reports.append((name, state, detail))

    def who(self, state: State) -> list[str]:
        return [name for name, reported, _ in self.reports if reported is state]


@pytest.fixture(scope="module")
async def stack() -> AsyncIterator[Stack]:
    async with Stack(services=stand_ins("product", "rental"), backoff=QUICKLY) as running:
        yield running


async def rows(stack: Stack) -> list[int]:
    connection = await asyncpg.connect(stack.admin_url)
    try:
        return [row["number"] for row in await connection.fetch("SELECT number FROM kept ORDER BY number")]
    finally:
        await connection.close()


async def messages(stack: Stack) -> list[bytes]:
    consumer = AIOKafkaConsumer("kept", bootstrap_servers=stack.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        end = await consumer.end_offsets(consumer.assignment())
        found: list[bytes] = []
        while len(found) < sum(end.values()):
            batches = await consumer.getmany(timeout_ms=1_000)
            found += [message.value for batch in batches.values() for message in batch]
        return found
    finally:
        await consumer.stop()


async def keep(stack: Stack, number: int) -> None:
    """Write a row and a message, both acknowledged."""
    connection = await asyncpg.connect(stack.admin_url)
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
    await connection.execute("INSERT INTO kept VALUES ($1)", number)
    await connection.close()
    producer = AIOKafkaProducer(bootstrap_servers=stack.bootstrap, acks="all")
    await producer.start()
    await producer.send_and_wait("kept", str(number).encode())
    await producer.stop()


async def create_topic(stack: Stack) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic("kept", num_partitions=1, replication_factor=1)])
    await admin.close()


async def test_what_was_acknowledged_survives_kill_and_stop() -> None:
    with temporary_directory() as directory:
        async with Stack(directory / "data", services=()) as stack:
            await create_topic(stack)
            await keep(stack, 1)
            await asyncio.gather(stack.kill("postgres"), stack.kill("kafka"))
            await asyncio.gather(stack.wait_ready("postgres"), stack.wait_ready("kafka"))
            await keep(stack, 2)
        # A second start finds it on other ports, too.
        async with Stack(directory / "data", services=()) as stack:
            assert await rows(stack) == [1, 2]
            assert await messages(stack) == [b"1", b"2"]


async def test_each_service_has_an_address_and_a_log(stack: Stack) -> None:
    assert set(stack.urls) == {"product", "rental"}
    for name in stack.urls:
        assert await answers_ready(HOST, stack.ports[name])
        assert stack.logs[name].exists()
    assert stack.versions.keys() == {"PostgreSQL", "Kafka", "Java"}


async def test_a_killed_service_comes_back(stack: Stack) -> None:
    before = stack.process("rental").pid
    await stack.kill("rental")
    await stack.wait_ready("rental")
    assert stack.process("rental").pid != before
    assert await answers_ready(HOST, stack.ports.rental)


async def test_a_stopped_service_stays_stopped_until_it_is_started(stack: Stack) -> None:
    await stack.stop_service("rental")
    assert not await answers_ready(HOST, stack.ports.rental)
    assert not stack.process("rental").running
    await stack.start_service("rental", {"OA_NEW": "1"})
    assert stack.process("rental").program.environment["OA_NEW"] == "1"
    assert await answers_ready(HOST, stack.ports.rental)


async def test_a_service_can_be_made_to_hang(stack: Stack) -> None:
    stack.send_signal("product", signal.SIGSTOP)
    waiting = asyncio.create_task(answers_ready(HOST, stack.ports.product))
    done, _ = await asyncio.wait({waiting}, timeout=0.3)
    stack.send_signal("product", signal.SIGCONT)
    assert not done
    assert await waiting


async def test_the_servers_listen_for_this_machine_only(stack: Stack) -> None:
    import psutil  # noqa: PLC0415

    ours = {stack.ports.postgres, stack.ports.kafka, stack.ports.controller}
    listening = [each.laddr for each in psutil.net_connections("tcp") if each.status == psutil.CONN_LISTEN]
    hosts = {address[0] for address in listening if address and address[1] in ours}
    assert hosts <= {HOST, f"::ffff:{HOST}"}
    assert hosts


async def test_postgres_keeps_its_word_about_durability(stack: Stack) -> None:
    connection = await asyncpg.connect(stack.admin_url)
    settings = {
        name: await connection.fetchval("SELECT current_setting($1)", name)
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums", "server_encoding")
    }
    await connection.close()
    assert settings == dict.fromkeys(settings, "on") | {"server_encoding": "UTF8"}


async def test_the_broker_keeps_events_for_ever_and_creates_no_topic_by_itself(stack: Stack) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.bootstrap)
    await admin.start()
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.BROKER, "1")])
    await admin.close()
    settings = {name: value for name, value, *_ in answer.resources[0][4]}
    assert settings["auto.create.topics.enable"] == "false"
    assert settings["log.retention.ms"] == "-1"
    assert settings["log.retention.bytes"] == "-1"


async def test_all_stop_in_reverse_order_even_the_deaf_and_within_ten_seconds() -> None:
    journal = Journal()
    stack = Stack(
        services=stand_ins("product", "rental", "gateway"),
        environment={"rental": {"OA_STAND_IN": "deaf"}},
        report=journal,
    )
    await stack.start()
    async with asyncio.timeout(10):
        await stack.stop()
    stopped = journal.who(State.STOPPED)
    assert [name for name in stopped if name != "rental"] == ["gateway", "product", "kafka", "postgres"]
    assert ("rental", State.STOPPED, "it did not stop in time: killed by SIGKILL") in journal.reports
    assert stopped.index("rental") < stopped.index("kafka")
    assert not stack.data_dir.exists()
    assert not leftovers(stack.data_dir)


async def test_a_service_that_cannot_start_is_named_and_nothing_is_left() -> None:
    stack = Stack(services=stand_ins("product", "rental"), environment={"rental": {"OA_STAND_IN": "broken"}})
    with pytest.raises(
        Trouble, match=r"rental stopped \(exit code 1\); its log is .*rental\.log:\s+the stand-in is"
    ):
        await stack.start()
    assert not leftovers(stack.data_dir)


async def test_a_second_system_on_the_same_servers_needs_none_of_its_own(stack: Stack) -> None:
    services = stand_ins("gateway")
    async with Stack(services=services, admin_url=stack.admin_url, bootstrap=stack.bootstrap) as second:
        assert set(second.logs) >= {"gateway"}
        with pytest.raises(KeyError):
            second.process("postgres")
        assert second.bootstrap == stack.bootstrap


async def test_an_external_server_that_does_not_answer_is_named() -> None:
    postgres = Stack(
        services=(), admin_url="postgresql://nobody@127.0.0.1:1/postgres", bootstrap="127.0.0.1:1"
    )
    with pytest.raises(Trouble, match=r"Cannot connect to PostgreSQL.*OA_DATABASE_URL|No Kafka answers"):
        await postgres.start()
    kafka = Stack(services=(), bootstrap="127.0.0.1:1")
    with pytest.raises(Trouble, match=r"No Kafka answers at 127\.0\.0\.1:1 \(OA_KAFKA_BOOTSTRAP\)"):
        await kafka.start()
    assert not leftovers(kafka.data_dir)


def test_a_service_learns_only_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OA_DATABASE_URL", "postgresql://administrator:secret@127.0.0.1/postgres")
    monkeypatch.setenv("OA_LOG_LEVEL", "debug")
    around = Surroundings(
        ports=Ports(),
        bootstrap="127.0.0.1:9092",
        database_urls={"rental": "postgresql://rental@127.0.0.1/rental", "product": "postgresql://product"},
        service_key="k" * 32,
        logs=tmp_path,
    )
    services: dict[str, Service] = {service.name: service for service in SERVICES}
    rental = around.environment(services["rental"], {})
    gateway = around.environment(services["gateway"], {"OA_EXTRA": "1"})
    product = around.environment(services["product"], {})
    assert rental["OA_DATABASE_URL"] == "postgresql://rental@127.0.0.1/rental"
    assert rental["OA_SERVICE_KEY"] == "k" * 32
    assert rental["OA_DELIVERY_URL"] == "http://127.0.0.1:8083"
    assert (rental["OA_PORT"], rental["OA_LOG_LEVEL"]) == ("8082", "debug")
    assert "OA_DATABASE_URL" not in gateway
    assert "OA_SERVICE_KEY" not in gateway | product
    assert gateway["OA_EXTRA"] == "1"
