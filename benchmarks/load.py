"""The load: a process of its own that posts orders over keep-alive connections for as little CPU as it can.

It shares two cores with what it measures, so it writes precomputed bytes and reads no more of an answer than
its status line and its length. One line `{"allow": n}` on stdin lets a windowed run send up to `n` orders in
all, and is answered with the number accepted so far; `{"finish": true}` ends it early. The last line on
stdout is the result.
"""

import argparse
import asyncio
import itertools
import json
import re
import resource
import sys
import time
from collections import Counter
from typing import cast
from urllib.parse import urlsplit

import uvloop

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
END_OF_CHUNKS = b"\r\n0\r\n\r\n"
RECONNECT_SECONDS = 0.1


class Connection(asyncio.Protocol):
    """One keep-alive connection: the next order goes out when the last one is answered."""

    def __init__(self, run: "Run") -> None:
        self.run, self.transport, self.answer, self.busy = run, asyncio.Transport(), b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own class is not registered as one
        self.run.free(self)

    def order(self, request: bytes) -> None:
        self.busy = True
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.answer += data
        if is_whole(self.answer):
            status, self.answer, self.busy = self.answer[9:12].decode(), b"", False
            self.run.answered(status)
            self.run.free(self)

    def connection_lost(self, _exc: Exception | None) -> None:
        self.run.lost(self)


def is_whole(answer: bytes) -> bool:
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return False
    length = CONTENT_LENGTH.search(answer, 0, head + 2)
    if length is None:
        return answer.endswith(END_OF_CHUNKS)
    return len(answer) >= head + 4 + int(length[1])


class Run:
    """Sends until the orders, the seconds or the window are used up, then waits for what is still out."""

    def __init__(self, url: str, products: range, orders: int, seconds: float, *, windowed: bool) -> None:
        address = urlsplit(url)
        self.host, self.port = address.hostname or "127.0.0.1", address.port or 80
        self.requests = itertools.cycle(
            [request(address.path, address.netloc, product) for product in products]
        )
        self.orders, self.deadline, self.seconds = orders, float("inf"), seconds
        self.allowed = 0 if windowed else orders
        self.sent, self.statuses, self.idle = 0, Counter[str](), list[Connection]()
        self.done = asyncio.Event()
        self.tasks = set[asyncio.Task[None]]()

    def free(self, connection: Connection) -> None:
        if self.over():
            self.finish_when_all_is_answered()
        elif self.sent < self.allowed:
            self.sent += 1
            connection.order(next(self.requests))
        else:
            self.idle.append(connection)

    def over(self) -> bool:
        return self.sent >= self.orders or time.monotonic() >= self.deadline

    def finish_when_all_is_answered(self) -> None:
        if self.over() and self.statuses.total() >= self.sent:
            self.done.set()

    def allow(self, orders: int) -> None:
        self.allowed = min(orders, self.orders)
        for connection in [
            self.idle.pop() for _ in range(min(len(self.idle), max(0, self.allowed - self.sent)))
        ]:
            self.free(connection)

    def answered(self, status: str) -> None:
        self.statuses[status] += 1

    def lost(self, connection: Connection) -> None:
        if connection in self.idle:
            self.idle.remove(connection)
        if connection.busy:
            self.answered("lost")
            self.finish_when_all_is_answered()
        if not self.done.is_set():
            task = asyncio.ensure_future(self.reconnect())
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def reconnect(self) -> None:
        while not self.done.is_set():
            await asyncio.sleep(RECONNECT_SECONDS)
            try:
                await self.connect()
            except OSError:
                self.statuses["no connection"] += (
                    0  # named in the result; nothing was sent, so nothing is counted
                )
            else:
                return

    async def connect(self) -> None:
        await asyncio.get_running_loop().create_connection(lambda: Connection(self), self.host, self.port)

    async def until_done(self, connections: int) -> dict[str, object]:
        began, cpu = time.monotonic(), cpu_seconds()
        self.deadline = began + self.seconds
        asyncio.get_running_loop().call_at(asyncio.get_running_loop().time() + self.seconds, self.stop)
        await asyncio.gather(*(self.connect() for _ in range(connections)))
        await self.done.wait()
        return {
            "accepted": self.statuses["201"],
            "errors": {status: n for status, n in self.statuses.items() if status != "201"},
            "seconds": time.monotonic() - began,
            "cpu_seconds": cpu_seconds() - cpu,
        }

    def stop(self) -> None:
        self.deadline = 0.0
        self.finish_when_all_is_answered()


def request(path: str, host: str, product: int) -> bytes:
    body = json.dumps(
        {"productId": product, "qty": 1, "status": "ORDERED", "productName": f"bench-{product}"}
    )
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def obey_stdin(run: Run) -> None:
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        said = json.loads(line)
        if "finish" in said:
            run.stop()
        else:
            run.allow(said["allow"])
            print(json.dumps({"accepted": run.statuses["201"]}), flush=True)


async def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--url", required=True)
    options.add_argument("--connections", type=int, default=32)
    options.add_argument("--first-product", type=int, default=1)
    options.add_argument("--products", type=int, default=1)
    options.add_argument("--orders", type=int, default=1_000_000_000)
    options.add_argument("--seconds", type=float, default=3_600.0)
    options.add_argument("--windowed", action="store_true")
    given = options.parse_args()
    products = range(given.first_product, given.first_product + given.products)
    run = Run(given.url, products, given.orders, given.seconds, windowed=given.windowed)
    listening = asyncio.create_task(obey_stdin(run)) if given.windowed else None
    print(json.dumps(await run.until_done(given.connections)), flush=True)
    if listening:
        listening.cancel()


if __name__ == "__main__":
    uvloop.run(main())
