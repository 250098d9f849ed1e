"""The load counts what it is told: 201 is an order, everything else an error."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.load import is_whole
from benchmarks.load_process import WindowedLoad, run_load

CREATED = b"HTTP/1.1 201 Created\r\ncontent-length: 8\r\n\r\n" + b'{"id":1}'
REFUSED = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"
PRODUCTS = range(1, 4)


@asynccontextmanager
async def server(*answers: bytes) -> AsyncIterator[str]:
    """Answers request after request with these, over and over; an empty answer closes the connection."""
    turns = itertools.cycle(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]))
                answer = next(turns)
                if not answer:
                    return
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/rentals"


async def test_each_order_is_sent_and_counted_once() -> None:
    async with server(CREATED) as url:
        load = await run_load(url, PRODUCTS, orders=1_000)
    assert (load.accepted, load.errors) == (1_000, {})
    assert load.cpu_seconds > 0


async def test_whatever_is_not_201_is_an_error() -> None:
    async with server(CREATED, REFUSED) as url:
        load = await run_load(url, PRODUCTS, orders=1_000)
    assert (load.accepted, load.errors) == (500, {"503": 500})


async def test_a_lost_connection_is_an_error_and_the_load_goes_on() -> None:
    async with server(*[CREATED] * 9, b"") as url:
        load = await run_load(url, PRODUCTS, orders=100)
    assert load.accepted + load.errors["lost"] == 100
    assert load.accepted > load.errors["lost"] > 0


async def test_a_timed_load_ends_by_itself() -> None:
    async with server(CREATED) as url:
        load = await run_load(url, PRODUCTS, seconds=0.2)
    assert load.accepted > 0
    assert load.errors == {}


async def test_a_windowed_load_sends_no_more_than_it_may() -> None:
    async with server(CREATED) as url, WindowedLoad(url, PRODUCTS) as load:
        accepted = 0
        while accepted < 50:
            accepted = await load.allow(50)
        assert await load.allow(50) == 50
        assert (await load.finish()).accepted == 50


def test_an_answer_is_whole_when_all_its_bytes_are_there() -> None:
    assert is_whole(CREATED)
    assert not any(is_whole(CREATED[:length]) for length in range(len(CREATED)))


def test_a_chunked_answer_ends_with_an_empty_chunk() -> None:
    head = b"HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n"
    assert not is_whole(head + b'8\r\n{"id":1}\r\n')
    assert is_whole(head + b'8\r\n{"id":1}\r\n0\r\n\r\n')
