"""Owners that are away, hang, break off or talk nonsense; and callers who do."""

import asyncio
import socket
from asyncio import StreamReader, StreamWriter
from contextlib import AsyncExitStack, suppress

import httpx2
import pytest

from gateway.owners import Limits
from tests.gateway.servers import (
    OK,
    Behaviour,
    connection,
    echo,
    gateway_to,
    hanging,
    owner,
    raw,
    receive_request,
    resetting,
    sending,
    serving,
)
from tests.support.eventually import eventually

SAFE = ["GET", "OPTIONS"]
UNSAFE = ["POST", "PATCH", "PUT", "DELETE"]


def is_problem(answer: httpx2.Response, status: int, slug: str) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:oa-rental:problem:{slug}"
    assert answer.json()["status"] == status
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["traceId"] in answer.headers["traceparent"]
    assert len(answer.headers.get_list("traceparent")) == 1


async def test_an_owner_who_is_away_is_missed_on_its_own_paths_only(http: httpx2.AsyncClient) -> None:
    async with serving(echo("product")) as product, gateway_to(product=product) as url:
        for method in (*SAFE, *UNSAFE):
            answer = await http.request(method, url + "/rentals", content=b"{}")
            is_problem(answer, 503, "unavailable")
            assert "rental service cannot be reached" in answer.json()["detail"]
        is_problem(await http.get(url + "/deliveries/1"), 503, "unavailable")
        assert (await http.get(url + "/products")).json()["owner"] == "product"


async def test_an_owner_whose_name_does_not_resolve_is_away(http: httpx2.AsyncClient) -> None:
    async with gateway_to(rental="http://no-such-host.invalid") as url:
        is_problem(await http.post(url + "/rentals"), 503, "unavailable")


async def test_an_owner_who_comes_back_is_asked_at_once(http: httpx2.AsyncClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    async with gateway_to(rental=f"http://127.0.0.1:{port}") as url:
        is_problem(await http.get(url + "/rentals"), 503, "unavailable")

        async def answering(_: StreamReader, writer: StreamWriter) -> None:
            writer.write(OK.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n"))
            writer.close()

        for _ in range(2):  # it goes away again
            async with await asyncio.start_server(answering, "127.0.0.1", port):
                assert (await http.get(url + "/rentals")).status_code == 200
            is_problem(await http.get(url + "/rentals"), 503, "unavailable")


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(sending(b""), id="closes without an answer"),
        pytest.param(resetting, id="resets"),
        pytest.param(sending(OK[:-20]), id="closes within the head"),
        pytest.param(sending(b"\x00\x01 no HTTP at all\r\n\r\n"), id="talks nonsense"),
        pytest.param(sending(OK.replace(b"4", b"-4")), id="says a length that is none"),
        pytest.param(sending(OK.replace(b"200", b"999")), id="says a status that is none"),
    ],
)
async def test_an_owner_who_breaks_off_was_asked_once(http: httpx2.AsyncClient, behaviour: Behaviour) -> None:
    async with owner(behaviour) as rental, gateway_to(rental=rental.url) as url:
        for times, method in enumerate([*SAFE, *UNSAFE], 1):
            answer = await http.request(method, url + "/rentals", content=b"{}")
            is_problem(answer, 503, "unavailable" if method in SAFE else "outcome-unknown")
            assert ("utcome unknown" in answer.json()["detail"]) == (method in UNSAFE)
            assert len(rental.received) == times


async def test_a_connection_that_closes_when_it_is_used_again_sends_nothing_twice(
    http: httpx2.AsyncClient,
) -> None:
    async def answering_only_the_first(reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(OK)
        rental.received.append(await receive_request(reader))

    async with owner(answering_only_the_first) as rental, gateway_to(rental=rental.url) as url:
        for method in (*SAFE, *UNSAFE):
            rental.received.clear()
            assert (await http.get(url + "/rentals")).status_code == 200
            answer = await http.request(method, url + "/rentals")
            is_problem(answer, 503, "unavailable" if method in SAFE else "outcome-unknown")
            assert len(rental.received) == 2


async def test_an_owner_who_hangs_is_waited_for_only_so_long(http: httpx2.AsyncClient) -> None:
    async with owner(hanging) as rental, gateway_to(Limits(total_seconds=0.5), rental=rental.url) as url:
        for times, method in enumerate([*SAFE, *UNSAFE], 1):
            answer = await http.request(method, url + "/rentals", content=b"{}")
            is_problem(answer, 504, "timeout" if method in SAFE else "outcome-unknown")
            assert len(rental.received) == times


async def test_an_owner_who_does_not_even_accept_got_nothing(http: httpx2.AsyncClient) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        limits = Limits(connect_seconds=0.2, wait_for_connection_seconds=60, total_seconds=5)
        async with gateway_to(limits, rental=f"http://127.0.0.1:{full.getsockname()[1]}") as url:
            is_problem(await http.post(url + "/rentals"), 503, "unavailable")
        for each in waiting:
            each.close()


async def test_an_owner_with_too_many_requests_has_no_place_for_more_and_the_others_have() -> None:
    limits = Limits(connections_per_service=2, wait_for_connection_seconds=0.2)
    async with AsyncExitStack() as stack:
        rental = await stack.enter_async_context(owner(hanging))
        product = await stack.enter_async_context(serving(echo("product")))
        url = await stack.enter_async_context(gateway_to(limits, rental=rental.url, product=product))
        http = await stack.enter_async_context(httpx2.AsyncClient(trust_env=False, timeout=20))
        holding = [asyncio.create_task(http.get(url + "/rentals")) for _ in range(2)]

        async def all_taken() -> None:
            assert len(rental.received) == 2

        await eventually(all_taken)
        is_problem(await http.post(url + "/rentals"), 503, "unavailable")
        assert len(rental.received) == 2
        assert (await http.get(url + "/products")).status_code == 200
        for each in holding:
            each.cancel()
        await asyncio.wait(holding)
        rental.behaviour = sending(OK)

        async def places_are_free_again() -> None:
            assert (await http.get(url + "/rentals")).status_code == 200

        await eventually(places_are_free_again)


@pytest.mark.parametrize("framing", [b"Content-Length: 9", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("then", [sending(b""), resetting, hanging], ids=["closes", "resets", "hangs"])
async def test_an_answer_that_stops_short_is_not_taken_for_whole(
    framing: bytes, then: Behaviour, caplog: pytest.LogCaptureFixture
) -> None:
    async def stopping_short(reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n" + part)
        await writer.drain()
        await goes_on.wait()
        await then(reader, writer)

    goes_on = asyncio.Event()
    part = b"3\r\none\r\n" if b"chunked" in framing else b"one"
    async with owner(stopping_short) as rental, AsyncExitStack() as stack:
        url = await stack.enter_async_context(gateway_to(Limits(total_seconds=1.5), rental=rental.url))
        reader, writer = await stack.enter_async_context(connection(url))
        writer.write(b"GET /rentals HTTP/1.1\r\nHost: x\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert await reader.readexactly(len(part)) == part
        goes_on.set()
        async with asyncio.timeout(5):
            assert await reader.read() == b"", "the connection closes, and no end was said"
    assert "Exception" not in caplog.text


async def test_a_caller_who_does_not_send_its_body_is_not_waited_for_for_ever() -> None:
    async with owner(sending(OK)) as rental, gateway_to(Limits(total_seconds=0.2), rental=rental.url) as url:
        head = b"POST /rentals HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 9\r\n\r\n"
        for begun in (b"", b"one"):
            answer, body = await raw(url, head + begun)
            assert answer.startswith(b"HTTP/1.1 408")
            assert b"urn:oa-rental:problem:request-timeout" in body
        assert rental.received == []


async def test_callers_who_leave_at_any_moment_leave_no_connection_taken(http: httpx2.AsyncClient) -> None:
    limits = Limits(connections_per_service=2, wait_for_connection_seconds=1)
    async with owner(hanging) as rental, gateway_to(limits, rental=rental.url) as url:
        for turns in range(60):  # of the event loop: they leave while waiting, connecting, sending
            async with AsyncExitStack() as callers:
                for _ in range(4):
                    _reader, writer = await callers.enter_async_context(connection(url))
                    writer.write(b"POST /rentals HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nqty")
                for _ in range(turns):
                    await asyncio.sleep(0)
        assert rental.received
        rental.behaviour = sending(OK)

        async def served() -> None:
            assert (await http.get(url + "/rentals")).status_code == 200

        await eventually(served, within=5)

        async def all_left() -> None:
            assert rental.connections == 0

        await eventually(all_left, within=5)


async def test_a_gateway_that_stops_lets_a_request_end(http: httpx2.AsyncClient) -> None:
    async def answering(_: StreamReader, writer: StreamWriter) -> None:
        goes_on.set()
        await asyncio.sleep(0.2)
        writer.write(OK)

    goes_on = asyncio.Event()
    async with owner(answering) as rental, AsyncExitStack() as stack:
        url = await stack.enter_async_context(gateway_to(rental=rental.url))
        asked = asyncio.create_task(http.get(url + "/rentals"))
        await goes_on.wait()
        await stack.aclose()
        assert (await asked).json() is True
    with suppress(httpx2.ConnectError):
        await http.get(url + "/rentals")
        pytest.fail("it has stopped")
