"""The services behind the gateway: each request is sent to its owner once, and never again.

On aiohttp's own session, not on httpx's: see docs/decisions/0004-gateway-transport.md.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import ClientError, ClientHandlerType, ClientRequest, ClientResponse
from multidict import CIMultiDict
from yarl import URL

Body = bytes | AsyncIterator[bytes] | None


@dataclass(frozen=True)
class Limits:
    """How much, and how long, a request may take."""

    connections_per_service: int = 100
    connect_seconds: float = 0.5
    wait_for_connection_seconds: float = 1.0
    total_seconds: float = 10.0
    ask_seconds: float = 2.0  # our own questions to the services: their health, their API document
    keep_document_seconds: float = 5.0


class NotSentError(Exception):
    """The owner certainly got nothing: no connection could be made, or none was free in time."""


class NoAnswerError(Exception):
    """The request was sent, or may have been, and the connection broke before a valid answer began."""


class Owners:
    """The services, by name, and the connections to them."""

    def __init__(self, session: aiohttp.ClientSession, urls: Mapping[str, str], limits: Limits) -> None:
        self._session = session
        self._urls = {service: url.rstrip("/") for service, url in urls.items()}
        self._ask = aiohttp.ClientTimeout(total=limits.ask_seconds, sock_connect=limits.connect_seconds)

    @asynccontextmanager
    async def pass_on(
        self, service: str, method: str, target: str, header: CIMultiDict[str], body: Body
    ) -> AsyncIterator[ClientResponse]:
        """Send a request as it is; its answer's body is still to be read. NotSentError, NoAnswerError."""
        url = URL(self._urls[service] + target, encoded=True)
        try:
            async with self._session.request(
                method, url, headers=header, data=body, allow_redirects=False
            ) as answer:
                if not 200 <= answer.status < 600:
                    raise NoAnswerError(f"{answer.status} is no status")
                yield answer
        except ClientError as error:  # within the answer
            raise NoAnswerError(repr(error)) from error

    async def ask(self, service: str, path: str) -> tuple[int, object]:
        """Put a question of our own; the answer is JSON. NotSentError, NoAnswerError, TimeoutError."""
        async with self._session.get(self._urls[service] + path, timeout=self._ask) as answer:
            try:
                return answer.status, await answer.json(content_type=None)
            except (ClientError, ValueError) as error:
                raise NoAnswerError(repr(error)) from error


@asynccontextmanager
async def connected(urls: Mapping[str, str], limits: Limits) -> AsyncIterator[Owners]:
    """Keep connections to the services."""
    async with aiohttp.ClientSession(
        # The services close an idle connection after 30 s: a request must not meet that moment.
        connector=aiohttp.TCPConnector(
            limit=0, limit_per_host=limits.connections_per_service, keepalive_timeout=15
        ),
        timeout=aiohttp.ClientTimeout(
            total=None, connect=limits.wait_for_connection_seconds, sock_connect=limits.connect_seconds
        ),
        middlewares=(_once,),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("accept", "accept-encoding", "content-type", "user-agent"),
    ) as session:
        yield Owners(session, urls, limits)


async def _once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Keep aiohttp from sending again after a connection broke: by errors that it does not know."""
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise NotSentError(repr(error)) from error
    except ClientError as error:
        raise NoAnswerError(repr(error)) from error
