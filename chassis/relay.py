"""The outbox relay: brings the outbox's rows to Kafka, in order, at least once.

One leader per database holds an advisory lock on a connection of its own. It sends unpublished rows in
the order of their ids and deletes a row only after the broker's acknowledgement. Rows that commit late,
with a lower id, are simply still there in the next round; a "last id seen" would lose them.
"""

import asyncio
from typing import Any

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from chassis import kafka, metrics
from chassis.database import Connection
from chassis.settings import Settings
from shared_events.envelope import Envelope
from shared_events.topics import ROUTES

log = structlog.get_logger()

LEADER_LOCK = 0x0A_0B0  # any number, the same for every relay of one database
BATCH = 1_000
POLL_SECONDS = 1.0
BLOCKED_SECONDS = 10.0

Sent = tuple[list[int], bool]
"""The ids of the rows that the broker has, and whether another failed."""
CHANNEL = "outbox"

_SELECT = f"""
    SELECT id, event_id, topic, key, type, subject, aggregate_version, occurred_at, traceparent, payload
    FROM outbox WHERE topic || '/' || key <> ALL($1::text[]) ORDER BY id LIMIT {BATCH}
"""  # noqa: S608


class Relay:
    """Runs in every process of a service; leads in one of them."""

    def __init__(self, settings: Settings, database_url: str, service: str) -> None:
        self._settings = settings
        self._url = database_url
        self._service = service
        self._hint = asyncio.Event()
        self._blocked: dict[str, float] = {}
        self._careful = False
        self.leads = False
        metrics.relay_leads.labels(service).set_function(lambda: self.leads)

    def hint(self) -> None:
        """Say that something was committed. Only a hint: the poll finds it anyway."""
        self._hint.set()

    async def run(self) -> None:
        """Relay until cancelled; raise where the database or the broker goes away."""
        connection = await asyncpg.connect(
            self._url,
            timeout=5,
            command_timeout=10,
            server_settings={
                "application_name": f"{self._service}-relay",
                # A leader that was paused must not keep the lock: the server ends its session.
                "idle_session_timeout": "10s",
                # A deletion that a crash forgets only sends rows again, and consumers know them.
                "synchronous_commit": "off",
            },
        )
        try:
            await self._follow(connection)
            await self._lead(connection)
        finally:
            self.leads = False
            connection.terminate()

    async def _follow(self, connection: Connection) -> None:
        """Wait for leadership; pass hints on to the leader, outside of any business transaction.

        A NOTIFY inside the transactions would make all their commits queue behind one lock.
        """
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LEADER_LOCK):
            if await self._hinted():
                await connection.execute(f"NOTIFY {CHANNEL}")
        self.leads = True
        log.info("relay leads", service=self._service)

    async def _lead(self, connection: Connection) -> None:
        await connection.add_listener(CHANNEL, lambda *_: self.hint())
        while True:
            producer = kafka.producer(self._settings, self._service)
            try:
                await producer.start()
                await self._publish_until_one_fails(connection, producer)
            finally:
                await kafka.stop(producer)

    async def _publish_until_one_fails(self, connection: Connection, producer: AIOKafkaProducer) -> None:
        """Publish for as long as nothing fails: a producer that failed lost count of its sequence numbers."""
        failed = False
        while not failed:
            self._hint.clear()
            rows = await connection.fetch(_SELECT, self._still_blocked())
            if rows:
                failed = await self._publish(connection, producer, rows)
            else:
                await self._hinted()

    async def _hinted(self) -> bool:
        try:
            await asyncio.wait_for(self._hint.wait(), POLL_SECONDS)
        except TimeoutError:
            return False
        self._hint.clear()
        return True

    def _still_blocked(self) -> list[str]:
        now = asyncio.get_running_loop().time()
        self._blocked = {key: until for key, until in self._blocked.items() if until > now}
        return list(self._blocked)

    async def _publish(self, connection: Connection, producer: AIOKafkaProducer, rows: list[Any]) -> bool:
        """Send rows and delete those acknowledged; tell whether one failed."""
        send = self._send_each_alone if self._careful else self._send_all_at_once
        acknowledged, failed = await send(producer, rows)
        if acknowledged:
            await connection.execute("DELETE FROM outbox WHERE id = ANY($1::bigint[])", acknowledged)
            metrics.published.labels(self._service).inc(len(acknowledged))
        self._careful = failed
        return failed

    async def _send_all_at_once(self, producer: AIOKafkaProducer, rows: list[Any]) -> Sent:
        answers: list[asyncio.Future[Any]] = []
        try:
            for row in rows:
                answers.append(await producer.send(row["topic"], **_message(row, self._service)))
        except (KafkaError, ValueError) as error:
            log.warning("event not sent, goes on one by one", subject=row["subject"], error=repr(error))
        results = list(zip(rows, await asyncio.gather(*answers, return_exceptions=True), strict=False))
        failures = {_key(row): result for row, result in results if isinstance(result, BaseException)}
        # What was acknowledged behind a failure of its own key stays, and goes again in the right order.
        acknowledged = [row["id"] for row, _ in results if _key(row) not in failures]
        return acknowledged, bool(failures) or len(answers) < len(rows)

    async def _send_each_alone(self, producer: AIOKafkaProducer, rows: list[Any]) -> Sent:
        """Find out which row it is: a batch is refused for one, which holds back only its own key."""
        acknowledged: list[int] = []
        for row in rows:
            try:
                await producer.send_and_wait(row["topic"], **_message(row, self._service))
            except (KafkaError, ValueError) as error:
                self._blocked[_key(row)] = asyncio.get_running_loop().time() + BLOCKED_SECONDS
                log.error(  # noqa: TRY400 - where it was raised tells nobody more
                    "event not sent", subject=row["subject"], outbox_id=row["id"], error=repr(error)
                )
                return acknowledged, True
            acknowledged.append(row["id"])
        return acknowledged, False


def _key(row: Any) -> str:
    return f"{row['topic']}/{row['key']}"


def _message(row: Any, service: str) -> dict[str, Any]:
    envelope = Envelope(
        id=row["event_id"],
        type=row["type"],
        source=f"/{service}",
        subject=row["subject"],
        time=row["occurred_at"],
        aggregate_version=row["aggregate_version"],
        traceparent=row["traceparent"],
    )
    return {"key": row["key"].encode(), "value": row["payload"].encode(), "headers": envelope.to_headers()}


def topics_of(service: str) -> set[str]:
    """Name the topics that a service announces in."""
    return {route.topic for route in ROUTES.values() if route.topic.startswith(f"{service}.")}
