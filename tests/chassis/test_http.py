"""A service's call to another, on real servers that hang, close, talk nonsense or are not there."""

import asyncio
import socket
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count

import httpx2
import pytest

from chassis.breaker import Breaker
from chassis.http import NotSent, OutcomeUnknown, ServiceClient, new_http

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ntrue"
NOT_GZIP = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\ntrue"
names = count()
Behaviour = Callable[[StreamReader, StreamWriter], Awaitable[object]]


async def receive(reader: StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.strip().split(b"\r\n")[1:])
    return head + await reader.readexactly(int(fields.get(b"content-length", 0)))


class Server:
    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour  # once it has received the one request of a connection
        self.received: list[bytes] = []
        self.url = ""

    async def accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            self.received.append(await receive(reader))
            await self.behaviour(reader, writer)
        writer.close()


@asynccontextmanager
async def serving(behaviour: Behaviour) -> AsyncIterator[Server]:
    server = Server(behaviour)
    async with await asyncio.start_server(server.accept, "127.0.0.1", 0) as listening:
        server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        yield server


def sending(answer: bytes) -> Behaviour:
    async def send_and_close(_: StreamReader, writer: StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    return send_and_close


def status(code: int) -> Behaviour:
    return sending(b"HTTP/1.1 %d Whatever\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" % code)


async def hanging(reader: StreamReader, _: StreamWriter) -> None:
    await reader.read()  # until the caller leaves


async def hanging_in_its_answer(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(OK[:-1])
    await reader.read()


async def resetting(_: StreamReader, writer: StreamWriter) -> None:
    linger = struct.pack("ii", 1, 0)  # with these, closing sends a reset, as for a killed process
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


@pytest.fixture
async def http(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx2.AsyncClient]:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")  # of no concern to services among themselves
    async with new_http() as client:
        yield client


def client_of(http: httpx2.AsyncClient, url: str, *, timeout: float = 60) -> ServiceClient:
    return ServiceClient(http, "delivery", url, Breaker(f"service-{next(names)}"), timeout=timeout)


async def put(client: ServiceClient) -> httpx2.Response:
    async with asyncio.timeout(20):  # a client without a timeout of its own fails the test
        return await client.request("PUT", "/deliveries/1/cancellation", json={"cancelId": "7"})


async def test_a_request_arrives_as_it_was_given(http: httpx2.AsyncClient) -> None:
    async with serving(sending(OK)) as server:
        headers = {"traceparent": "00-0123-4567-01", "Authorization": "Bearer abc"}
        client = client_of(http, server.url + "/")
        answer = await client.request("PUT", "/deliveries/1", headers=headers, json={"who": "나"})
    assert (answer.status_code, answer.json()) == (200, True)
    head, body = server.received[0].split(b"\r\n\r\n")
    assert head.startswith(b"PUT /deliveries/1 HTTP/1.1\r\n")
    assert b"traceparent: 00-0123-4567-01" in head
    assert b"Authorization: Bearer abc" in head
    assert body.decode() == '{"who":"나"}'


@pytest.mark.parametrize("code", [200, 201, 307, 401, 404, 409, 429])
async def test_any_status_below_500_is_an_answer_and_no_failure(http: httpx2.AsyncClient, code: int) -> None:
    async with serving(status(code)) as server:
        client = client_of(http, server.url)
        for _ in range(6):
            assert (await put(client)).status_code == code
    assert client.breaker.state == "closed"


@pytest.mark.parametrize(
    ("behaviour", "patience"),
    [
        pytest.param(hanging, 0.3, id="hangs"),
        pytest.param(hanging_in_its_answer, 0.3, id="hangs in its answer"),
        pytest.param(sending(b""), 60, id="closes without an answer"),
        pytest.param(resetting, 60, id="resets"),
        pytest.param(sending(OK[:-20]), 60, id="closes within the headers"),
        pytest.param(sending(OK[:-1]), 60, id="closes within the body"),
        pytest.param(sending(b"\x00\x01 no HTTP at all\r\n\r\n"), 60, id="talks nonsense"),
        pytest.param(sending(NOT_GZIP), 60, id="sends what cannot be decoded"),
        pytest.param(status(500), 60, id="fails"),
        pytest.param(status(503), 60, id="is not available"),
    ],
)
async def test_the_outcome_is_unknown_once_the_request_was_sent(
    http: httpx2.AsyncClient, behaviour: Behaviour, patience: float
) -> None:
    async with serving(behaviour) as server:
        client = client_of(http, server.url, timeout=patience)
        for calls in range(1, 6):
            with pytest.raises(OutcomeUnknown, match=r"delivery gave no valid answer: \w"):
                await put(client)
            assert len(server.received) == calls, "a call is sent once"
        assert client.breaker.state == "open"

        with pytest.raises(NotSent) as refused:
            await put(client)
        assert 20 < refused.value.retry_after <= 30
        assert len(server.received) == 5


async def test_the_outcome_is_unknown_when_a_reused_connection_closes(http: httpx2.AsyncClient) -> None:
    async def answering_only_the_first(reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(OK)
        server.received.append(await receive(reader))

    async with serving(answering_only_the_first) as server:
        client = client_of(http, server.url)
        assert (await put(client)).status_code == 200
        with pytest.raises(OutcomeUnknown):
            await put(client)
        assert len(server.received) == 2


async def test_nothing_is_sent_where_nobody_listens(http: httpx2.AsyncClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_again:
        url = f"http://127.0.0.1:{closed_again.getsockname()[1]}"
    client = client_of(http, url)
    for _ in range(5):
        with pytest.raises(NotSent, match="delivery was not called: ConnectError") as refused:
            await put(client)
        assert refused.value.retry_after > 0
    assert client.breaker.state == "open"


async def test_nothing_is_sent_to_a_name_that_does_not_resolve(http: httpx2.AsyncClient) -> None:
    with pytest.raises(NotSent):
        await put(client_of(http, "http://no-such-host.invalid"))


async def test_nothing_is_sent_while_connecting_hangs(http: httpx2.AsyncClient) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        client = client_of(http, f"http://127.0.0.1:{full.getsockname()[1]}", timeout=0.5)
        for _ in range(5):
            with pytest.raises(NotSent, match="ConnectTimeout"):
                await put(client)
        for each in waiting:
            each.close()
    assert client.breaker.state == "open"


async def test_a_full_pool_sends_nothing_and_is_not_the_other_sides_fault() -> None:
    one_connection = httpx2.AsyncClient(limits=httpx2.Limits(max_connections=1), trust_env=False)
    async with serving(hanging) as server, one_connection as http:
        holding = asyncio.create_task(put(client_of(http, server.url, timeout=60)))
        async with asyncio.timeout(5):
            while not server.received:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        client = client_of(http, server.url, timeout=0.5)
        for _ in range(6):
            with pytest.raises(NotSent, match="PoolTimeout"):
                await put(client)
        assert client.breaker.state == "closed"
        holding.cancel()
        await asyncio.wait([holding])


async def test_a_malformed_request_is_not_sent_and_is_not_the_other_sides_fault(
    http: httpx2.AsyncClient,
) -> None:
    async with serving(sending(OK)) as server:
        client = client_of(http, server.url)
        for _ in range(6):
            with pytest.raises(NotSent, match="LocalProtocolError"):
                await client.request("GET", "/", headers={"traceparent": "no\r\nInjected: header"})
        assert server.received == []
    assert client.breaker.state == "closed"


async def test_callers_who_go_away_neither_open_it_nor_keep_their_connections() -> None:
    two_connections = httpx2.AsyncClient(limits=httpx2.Limits(max_connections=2), trust_env=False)
    async with serving(hanging) as server, two_connections as http:
        client = client_of(http, server.url)
        for turns in range(30):  # of the event loop, so that they leave while waiting, connecting and sending
            callers = [asyncio.create_task(put(client)) for _ in range(4)]
            for _ in range(turns):
                await asyncio.sleep(0)
            for caller in callers:
                caller.cancel()
            await asyncio.wait(callers)
            assert all(caller.cancelled() for caller in callers)
        assert server.received
        assert client.breaker.state == "closed"
        server.behaviour = sending(OK)
        assert (await put(client)).status_code == 200


async def test_it_recovers_with_the_other_side(http: httpx2.AsyncClient) -> None:
    async with serving(hanging) as server:
        breaker = Breaker(f"service-{next(names)}", fail_max=2, reset_seconds=0.05)
        client = ServiceClient(http, "delivery", server.url, breaker, timeout=0.3)
        while breaker.state != "open":
            with suppress(OutcomeUnknown, NotSent):
                await put(client)
        server.behaviour = sending(OK)
        async with asyncio.timeout(10):
            while breaker.state != "closed":
                with suppress(OutcomeUnknown, NotSent):
                    await put(client)
                await asyncio.sleep(0.01)
