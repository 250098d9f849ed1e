"""Real servers on loopback: the gateway, owners that behave, and owners that do not."""

import asyncio
import json
import socket
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import httpx2
import uvicorn

from chassis.edge import Application, Receive, Scope, Send
from chassis.settings import Settings
from gateway.application import gateway
from gateway.owners import Limits
from tests.support.eventually import eventually

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ntrue"
Behaviour = Callable[[StreamReader, StreamWriter], Awaitable[object]]
STEP_SECONDS = 0.005
LIMITS = Limits()
SERVICES = ("product", "rental", "delivery", "information")


class Server(uvicorn.Server):
    """uvicorn beside a test: the signals stay the test run's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(app: Application) -> AsyncIterator[str]:
    """Run an application as chassis.serve does, and give its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        http="httptools",
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = Server(config)
    running = asyncio.create_task(server.serve([listening]))
    while not server.started:
        assert not running.done(), "the server did not start"
        await asyncio.sleep(STEP_SECONDS)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def gateway_to(limits: Limits = LIMITS, **owners: str) -> AsyncIterator[str]:
    """Run a gateway in front of these owners (product="http://..."); nobody is where the others should be."""
    urls = {f"{name}_url": owners.get(name, nobody()) for name in SERVICES}
    async with serving(gateway(Settings(**urls), limits)) as url:  # type: ignore[arg-type]
        yield url


def nobody() -> str:
    """Give an address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as closed_again:
        return f"http://127.0.0.1:{closed_again.getsockname()[1]}"


def echo(name: str) -> Application:
    """Make an owner that says what it was asked."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        said = {
            "owner": name,
            "method": scope["method"],
            "target": scope["raw_path"].decode() + "?" + scope["query_string"].decode(),
            "headers": [[each.decode("latin-1") for each in field] for field in scope["headers"]],
            "body": (await whole_body(receive)).decode("latin-1"),
        }
        body = json.dumps(said).encode()
        fields = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": fields})
        await send({"type": "http.response.body", "body": body})

    return app


async def whole_body(receive: Receive) -> bytes:
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def counted(http: httpx2.AsyncClient, gateway: str, status: str) -> float:
    """Say how many requests for rental the gateway counts with that status."""
    begin = f'gateway_requests_total{{service="rental",status="{status}"}}'
    lines = (await http.get(gateway + "/metrics")).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(begin))


class RawOwner:
    """Receives one request per connection, and then does what its behaviour says."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.received: list[bytes] = []
        self.connections = 0
        self.url = ""

    async def accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.connections += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            self.received.append(await receive_request(reader))
            await self.behaviour(reader, writer)
        writer.close()
        self.connections -= 1


@asynccontextmanager
async def owner(behaviour: Behaviour) -> AsyncIterator[RawOwner]:
    """Run an owner of that behaviour."""
    raw = RawOwner(behaviour)
    async with await asyncio.start_server(raw.accept, "127.0.0.1", 0) as listening:
        raw.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        yield raw


class Silent:
    """Listens, and keeps what arrived until the other side left."""

    def __init__(self) -> None:
        self.arrived = b""
        self.left = asyncio.Event()
        self.url = ""

    async def accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.left.clear()
        self.arrived = b""
        while piece := await reader.read(65_536):
            self.arrived += piece
        writer.close()
        self.left.set()

    async def hears(self, end: bytes) -> None:
        async def heard() -> None:
            assert self.arrived.endswith(end)

        await eventually(heard)


@asynccontextmanager
async def silent() -> AsyncIterator[Silent]:
    """Run an owner that only listens."""
    listener = Silent()
    async with await asyncio.start_server(listener.accept, "127.0.0.1", 0) as listening:
        listener.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        yield listener


async def receive_request(reader: StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.strip().split(b"\r\n")[1:])
    return head + await reader.readexactly(int(fields.get(b"content-length", 0)))


def sending(answer: bytes) -> Behaviour:
    async def send_and_close(_: StreamReader, writer: StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    return send_and_close


async def hanging(reader: StreamReader, _: StreamWriter) -> None:
    await reader.read()  # until the gateway leaves


async def resetting(_: StreamReader, writer: StreamWriter) -> None:
    linger = struct.pack("ii", 1, 0)  # with these, closing sends a reset, as for a killed process
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


@asynccontextmanager
async def connection(url: str) -> AsyncIterator[tuple[StreamReader, StreamWriter]]:
    """Connect to a server, to send bytes as they are."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()


async def raw(url: str, request: bytes) -> tuple[bytes, bytes]:
    """Send bytes, and give the head and the body of what comes back until the end."""
    async with connection(url) as (reader, writer):
        writer.write(request)
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        return head, body


async def said(url: str, request: bytes) -> dict[str, Any]:
    """Send bytes to a gateway in front of `echo`, and give what that was asked."""
    head, body = await raw(url, request)
    assert head.startswith(b"HTTP/1.1 200"), head + body
    found: dict[str, Any] = json.loads(body)
    return found
