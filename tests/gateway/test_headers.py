"""What the header says on the other side, in both directions."""

import httpx2

from chassis import tracing
from tests.gateway.servers import gateway_to, owner, raw, said, sending

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def fields(asked: dict[str, list[list[str]]], name: str) -> list[str]:
    return [value for each, value in asked["headers"] if each == name]


def get(*lines: str) -> bytes:
    return "\r\n".join(["GET /rentals HTTP/1.1", *lines, "Connection: close", "", ""]).encode("latin-1")


async def test_what_is_meant_for_one_connection_goes_no_further(echoing: str) -> None:
    asked = await said(
        echoing,
        b"POST /rentals HTTP/1.1\r\nHost: shop.example\r\nConnection: close, X-One, x-two\r\n"
        b"X-One: 1\r\nx-two: 2\r\nX-Three: 3\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\nTrailer: X-T\r\n"
        b"Proxy-Authorization: Basic abc\r\nProxy-Connection: close\r\nUpgrade: h2c\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
        b"3\r\nqty\r\n2\r\n=3\r\n0\r\n\r\n",
    )
    names = {name for name, _ in asked["headers"]}
    assert names == {
        *("host", "x-three", "content-length", "traceparent", "via"),
        *("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"),
    }
    assert asked["body"] == "qty=3"


async def test_what_is_meant_for_the_owner_arrives(echoing: str) -> None:
    asked = await said(
        echoing,
        get(
            "Host: shop.example",
            "Authorization: Bearer abc",
            "Accept-Encoding: br",
            "User-Agent: a/1",
            "Cookie: a=1",
            "Cookie: b=2",
            "X-Name: caf\u00c3\u00a9",  # the bytes of UTF-8
            "X-Empty:",
            "Prefer: one",
            "Prefer: two",
        ),
    )
    assert fields(asked, "authorization") == ["Bearer abc"]
    assert fields(asked, "accept-encoding") == ["br"]
    assert fields(asked, "user-agent") == ["a/1"]
    assert fields(asked, "cookie") == ["a=1", "b=2"]
    assert fields(asked, "x-name") == ["caf\u00c3\u00a9"]
    assert fields(asked, "x-empty") == [""]
    assert fields(asked, "prefer") == ["one", "two"]
    assert fields(asked, "accept") == []


async def test_who_calls_is_said_by_the_gateway_not_by_the_caller(echoing: str) -> None:
    asked = await said(
        echoing,
        get(
            "Host: shop.example:99",
            "X-Forwarded-For: 6.6.6.6",
            "X-Forwarded-Host: evil.example",
            "X-Forwarded-Proto: gopher",
            "X-Forwarded-Port: 1",
            "X-Forwarded-Prefix: /evil",
            "X-Real-IP: 6.6.6.6",
            "Forwarded: for=6.6.6.6",
            "Via: 1.0 fred",
        ),
    )
    assert fields(asked, "x-forwarded-for") == ["127.0.0.1"]
    assert fields(asked, "x-forwarded-host") == ["shop.example:99"]
    assert fields(asked, "x-forwarded-proto") == ["http"]
    assert fields(asked, "via") == ["1.0 fred, 1.1 oa-rental-gateway"]
    for name in ("x-forwarded-port", "x-forwarded-prefix", "x-real-ip", "forwarded"):
        assert fields(asked, name) == []
    (host,) = fields(asked, "host")
    assert host.startswith("127.0.0.1:")


async def test_a_request_for_another_host_goes_to_the_owner_all_the_same(echoing: str) -> None:
    asked = await said(
        echoing,
        b"GET http://evil.example/rentals/1 HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    )
    assert (asked["owner"], asked["target"]) == ("rental", "/rentals/1?")
    assert fields(asked, "host")[0].startswith("127.0.0.1:")


async def test_a_request_that_can_be_read_in_two_ways_is_refused(echoing: str) -> None:
    for lines in (["Host: a", "Host: b"], [], ["Host: a", "X-Name: caf\u00e9"]):
        head, body = await raw(echoing, get(*lines))
        assert head.startswith(b"HTTP/1.1 400"), lines
        assert b"urn:oa-rental:problem:malformed-request" in body


async def test_a_length_beside_chunks_is_refused(echoing: str) -> None:
    chunked = b"POST /rentals HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
    length = b"Content-Length: 100\r\n"
    chunks = b"5\r\nqty=3\r\n0\r\n"
    assert (await said(echoing, chunked + b"\r\n" + chunks + b"\r\n"))["body"] == "qty=3"
    for request in (chunked + length + b"\r\n" + chunks, chunked + b"\r\n" + chunks + length):
        head, body = await raw(echoing, request + b"\r\n")
        assert head.startswith(b"HTTP/1.1 400")
        assert b"owner" not in body


async def test_a_caller_who_asks_first_is_told_to_go_on(echoing: str) -> None:
    request = (
        b"POST /rentals HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close"
    )
    head, answer = await raw(echoing, request + b"\r\n\r\nqty=3")
    assert head == b"HTTP/1.1 100 Continue"
    assert b'"expect"' not in answer
    assert b'"body": "qty=3"' in answer


async def test_the_callers_trace_goes_on(echoing: str, http: httpx2.AsyncClient) -> None:
    answer = await http.get(echoing + "/rentals", headers={"traceparent": TRACEPARENT})
    assert fields(answer.json(), "traceparent") == [TRACEPARENT]
    assert answer.headers.get_list("traceparent") == [TRACEPARENT]


async def test_a_trace_begins_where_the_caller_has_none(echoing: str, http: httpx2.AsyncClient) -> None:
    answer = await http.get(echoing + "/rentals", headers={"traceparent": "nonsense"})
    (begun,) = fields(answer.json(), "traceparent")
    assert answer.headers.get_list("traceparent") == [begun]
    assert tracing.begin(begun) == begun


async def test_the_answer_comes_back_as_the_owner_gave_it() -> None:
    answer = (
        b"HTTP/1.1 418 Short and stout\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nServer: owner\r\n"
        b"Connection: close, X-One\r\nX-One: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\n"
        b"Upgrade: h2c\r\nTrailer: X-T\r\ntraceparent: 00-1-2-01\r\nLocation: /rentals/3\r\n"
        b"Content-Type: text/plain\r\nContent-Encoding: gzip\r\nX-Name: caf\xe9\r\n"
        b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 4\r\n\r\nnone"
    )
    async with owner(sending(answer)) as rental, gateway_to(rental=rental.url) as url:
        head, body = await raw(url, get("Host: x"))
    status, *lines = head.split(b"\r\n")
    assert status.startswith(b"HTTP/1.1 418")
    assert body == b"none"
    passed = [line for line in lines if not line.startswith((b"date: ", b"traceparent: "))]
    assert passed == [
        b"server: owner",
        b"location: /rentals/3",
        b"content-type: text/plain",
        b"content-encoding: gzip",
        b"x-name: caf\xe9",
        b"set-cookie: a=1",
        b"set-cookie: b=2",
        b"content-length: 4",
        b"connection: close",  # what this caller asked for
    ]
    assert len(lines) == len(passed) + 2
    assert b"1970" not in head


async def test_a_redirect_is_the_callers_to_follow() -> None:
    answer = b"HTTP/1.1 307 Elsewhere\r\nLocation: /rentals/4\r\nContent-Length: 0\r\n\r\n"
    async with owner(sending(answer)) as rental, gateway_to(rental=rental.url) as url:
        head, _ = await raw(url, get("Host: x"))
        assert len(rental.received) == 1
    assert head.startswith(b"HTTP/1.1 307")
    assert b"location: /rentals/4" in head


async def test_a_callers_cookies_are_nobody_elses() -> None:
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: who=one\r\nContent-Length: 0\r\n\r\n"
    async with owner(sending(answer)) as rental:
        by_name = rental.url.replace("127.0.0.1", "localhost")  # for numbers no client keeps cookies
        async with gateway_to(rental=by_name) as url:
            for _ in range(2):
                head, _body = await raw(url, get("Host: x"))
                assert b"set-cookie: who=one" in head
    assert len(rental.received) == 2
    assert not any(b"who=one" in request for request in rental.received)


async def test_an_answer_has_no_body_where_it_cannot_have_one() -> None:
    for answer in (
        b"HTTP/1.1 204 No Content\r\nETag: 1\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nETag: 1\r\nContent-Length: 9\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nETag: 1\r\nContent-Length: 0\r\n\r\n",
    ):
        async with owner(sending(answer)) as rental, gateway_to(rental=rental.url) as url:
            head, body = await raw(url, get("Host: x"))
        assert head.startswith(answer[:12])
        assert b"etag: 1" in head
        assert body == b""


async def test_a_head_keeps_the_length_of_what_is_not_sent() -> None:
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n"
    async with owner(sending(ok)) as rental, gateway_to(rental=rental.url) as url:
        head, body = await raw(url, get("Host: x").replace(b"GET", b"HEAD"))
    assert b"content-length: 4000" in head
    assert body == b""
