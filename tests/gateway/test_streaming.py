"""Bodies flow through the gateway; nobody waits for the whole, and nobody takes a part for the whole."""

import asyncio
import gc
from collections.abc import AsyncIterator

import httpx2
import pytest

from chassis.edge import MAX_BODY_BYTES, Receive, Scope, Send
from tests.gateway.servers import (
    OK,
    connection,
    counted,
    gateway_to,
    hanging,
    owner,
    raw,
    receive_request,
    sending,
    serving,
    silent,
)
from tests.support.eventually import eventually

CHUNKED = b"POST /rentals HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def test_the_owner_reads_while_the_caller_still_writes() -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            more = True
            while more:
                message = await receive()
                more = message["more_body"]
                await heard.put(message["body"])
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"heard"})

    async with serving(app) as rental, gateway_to(rental=rental) as url, connection(url) as (reader, writer):
        writer.write(CHUNKED)
        for word in (b"one", b"two"):
            writer.write(chunk(word))
            async with asyncio.timeout(5):
                while await heard.get() != word:
                    pass
        writer.write(b"0\r\n\r\n")
        assert b"heard" in await reader.read()


async def test_the_caller_reads_while_the_owner_still_writes() -> None:
    async def word_by_word(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(b"one"))
        await goes_on.wait()
        writer.write(chunk(b"two") + b"0\r\n\r\n")
        await reader.read()

    goes_on = asyncio.Event()
    async with (
        owner(word_by_word) as rental,
        gateway_to(rental=rental.url) as url,
        connection(url) as (reader, writer),
        asyncio.timeout(5),
    ):
        writer.write(b"GET /rentals HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"one\r\n")
        goes_on.set()
        assert await reader.readuntil(b"0\r\n\r\n") == b"3\r\ntwo\r\n0\r\n\r\n"


@pytest.mark.parametrize("size", [0, 1, 1_000, MAX_BODY_BYTES])
async def test_a_body_arrives_whole(echoing: str, http: httpx2.AsyncClient, size: int) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, size, 1_000):
            yield body[start : start + 1_000]

    body = bytes(range(32, 127)) * (size // 95 + 1)
    body = body[:size]
    in_one = (await http.post(echoing + "/rentals", content=body)).json()
    in_chunks = (await http.post(echoing + "/rentals", content=pieces())).json()
    assert in_one["body"] == in_chunks["body"] == body.decode()
    assert ["content-length", str(size)] in in_one["headers"]


async def test_a_length_goes_before_the_pieces_of_a_body() -> None:
    async with silent() as rental, gateway_to(rental=rental.url) as url, connection(url) as (_, writer):
        writer.write(b"POST /rentals HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\none")
        await rental.hears(b"\r\n\r\none")
        writer.write(b"two")
        await rental.hears(b"\r\n\r\nonetwo")
        assert b"\r\ncontent-length: 6\r\n" in rental.arrived


@pytest.mark.parametrize("size", [0, 1, 70_000, 1_000_000])
async def test_an_answer_arrives_whole(http: httpx2.AsyncClient, size: int) -> None:
    whole = bytes(range(256)) * (size // 256 + 1)
    whole = whole[:size]
    for answer in (
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + whole,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + (chunk(whole) if whole else b"")
        + b"0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + whole,  # until the connection closes
    ):
        async with owner(sending(answer)) as rental, gateway_to(rental=rental.url) as url:
            assert (await http.get(url + "/rentals")).content == whole


async def test_too_large_a_body_is_refused_before_the_owner_is_asked(http: httpx2.AsyncClient) -> None:
    async with owner(sending(OK)) as rental, gateway_to(rental=rental.url) as url:
        answer = await http.post(url + "/rentals", content=b"x" * (MAX_BODY_BYTES + 1))
        assert (answer.status_code, rental.received) == (413, [])
        assert answer.json()["type"] == "urn:oa-rental:problem:body-too-large"
        assert len(answer.headers.get_list("traceparent")) == 1


@pytest.mark.parametrize("size", [MAX_BODY_BYTES, 4 * MAX_BODY_BYTES])
async def test_too_large_a_body_in_chunks_is_refused_and_never_whole_for_the_owner(size: int) -> None:
    async with silent() as rental, gateway_to(rental=rental.url) as url, connection(url) as (reader, writer):
        writer.write(CHUNKED + chunk(b"x"))
        await rental.hears(chunk(b"x"))
        writer.write(chunk(b"x" * size) + b"0\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 413")
        await asyncio.wait_for(rental.left.wait(), 5)
        assert not rental.arrived.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize(
    ("framing", "piece"),
    [(b"Transfer-Encoding: chunked", chunk(b"one")), (b"Content-Length: 9", b"one")],
    ids=["in chunks", "with a length"],
)
async def test_a_caller_who_leaves_within_its_body_has_sent_no_whole_request(
    framing: bytes, piece: bytes
) -> None:
    async with silent() as rental, gateway_to(rental=rental.url) as url:
        async with connection(url) as (_, writer):
            writer.write(b"POST /rentals HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n" + piece)
            await rental.hears(piece)
        await asyncio.wait_for(rental.left.wait(), 5)
        assert rental.arrived.endswith(b"\r\n\r\n" + piece), "one piece, and no end"


async def test_a_caller_who_leaves_while_it_waits_frees_the_owner(http: httpx2.AsyncClient) -> None:
    async def is_asked() -> None:
        assert (len(rental.received), rental.connections) == (1, 1)

    async def is_left() -> None:
        assert rental.connections == 0

    async with owner(hanging) as rental, gateway_to(rental=rental.url) as url:
        before = await counted(http, url, "gone")
        for request in (b"GET /rentals HTTP/1.1\r\nHost: x\r\n\r\n", CHUNKED + chunk(b"one") + b"0\r\n\r\n"):
            rental.received.clear()
            async with connection(url) as (_, writer):
                writer.write(request)
                await eventually(is_asked)
            await eventually(is_left, within=5)
        assert await counted(http, url, "gone") == before + 2


async def test_an_owner_who_answers_before_it_has_read_all_is_heard_and_its_connection_not_used_again() -> (
    None
):
    async def refusing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno")
        rental.received.append(await receive_request(_))

    async with owner(refusing) as rental, gateway_to(rental=rental.url) as url:
        async with connection(url) as (reader, writer):
            writer.write(CHUNKED + chunk(b"one"))
            assert b"HTTP/1.1 401" in await reader.readuntil(b"\r\n\r\n")
        head, body = await raw(url, b"GET /rentals HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (head[:12], body) == (b"HTTP/1.1 401", b"no")
        assert [request.split(b" ")[0] for request in rental.received] == [b"POST", b"GET"]


async def test_a_caller_who_reads_slowly_slows_the_owner_down() -> None:
    piece = b"x" * 64 * 1024
    sent = 0

    async def flooding(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (1_000 * len(piece)))
        for _each in range(1_000):
            writer.write(piece)
            await writer.drain()
            sent += 1

    async with (
        owner(flooding) as rental,
        gateway_to(rental=rental.url) as url,
        connection(url) as (reader, writer),
    ):
        writer.write(b"GET /rentals HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.1)
        assert sent < 500, "the rest waits with the owner"
        async with asyncio.timeout(20):
            await reader.readexactly(1_000 * len(piece))


async def test_requests_follow_each_other_on_the_callers_connection(
    echoing: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with connection(echoing) as (reader, writer):
        for number in range(3):
            writer.write(b"POST /rentals/%d HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nqty" % number)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
            assert b"/rentals/%d?" % number in await reader.readexactly(length)
    gc.collect()
    assert caplog.text == "", "nothing failed unheard after the answers"
