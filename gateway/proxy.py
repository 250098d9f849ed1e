"""The way through: a request goes to the owner of its path, and the answer comes back, piece by piece.

A plain ASGI application, for every order passes here; see docs/decisions/0004-gateway-transport.md.
"""

import asyncio

import structlog
from aiohttp import ClientResponse

from chassis import problems, tracing
from chassis.edge import Receive, Scope, Send
from chassis.problems import Problem
from gateway import headers, metrics, outcomes
from gateway.headers import MalformedError
from gateway.owners import NoAnswerError, NotSentError, Owners
from gateway.routes import is_internal
from gateway.upload import GoneError, Upload

log = structlog.get_logger()


class Proxy:
    """Passes requests on to their owners."""

    def __init__(self, owners: Owners, total_seconds: float) -> None:
        self._owners = owners
        self._total_seconds = total_seconds

    async def __call__(self, service: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request of a path that `service` owns."""
        problem: Problem | None
        if is_internal(scope["path"]):
            problem = Problem(404, "not-found", "There is nothing here", "There is nothing here.")
        else:
            exchange = Exchange(service, scope, receive, send)
            problem = await exchange.run(self._owners, self._total_seconds)
            metrics.count(service, problem.status_code if problem else exchange.status)
        if problem:
            await problems.respond(problem)(scope, receive, send)


class Exchange:
    """One request and its answer."""

    def __init__(self, service: str, scope: Scope, receive: Receive, send: Send) -> None:
        self.status = 0  # of the owner's answer, once the caller has been told
        self._service = service
        self._scope = scope
        self._send = send
        self._upload = Upload(receive, self._leave)
        self._patience = asyncio.timeout(None)
        self._left = False

    async def run(self, owners: Owners, seconds: float) -> Problem | None:
        """Pass the request on and the answer back; give what the caller is told where none came."""
        self._patience = asyncio.timeout(seconds)
        try:
            async with self._patience:
                try:
                    await self._pass_on(owners)
                finally:
                    self._upload.end()
        except Problem as refused:  # by Edge: the body is too large
            return refused
        except MalformedError as error:
            return Problem(400, "malformed-request", "Malformed request", str(error))
        except (NotSentError, NoAnswerError, TimeoutError, GoneError) as error:
            return self._failed(error)
        return None

    async def _pass_on(self, owners: Owners) -> None:
        method, target = self._scope["method"], self._scope["raw_path"].decode()
        if query := self._scope["query_string"].decode():
            target += "?" + query
        body = await self._upload.begin()
        in_pieces = not isinstance(body, bytes | None)
        header = headers.to_owner(self._scope, tracing.current(), in_pieces=in_pieces)
        async with owners.pass_on(self._service, method, target, header, body) as answer:
            await self._answer(answer)

    async def _answer(self, answer: ClientResponse) -> None:
        self.status = answer.status
        fields = headers.to_caller(answer.raw_headers)
        await self._send({"type": "http.response.start", "status": answer.status, "headers": fields})
        more = True
        while more:
            piece = await answer.content.readany()
            more = not answer.content.at_eof()
            await self._send({"type": "http.response.body", "body": piece, "more_body": more})

    def _leave(self) -> None:
        """Stop, for the caller is gone."""
        if not self._patience.expired():
            self._left = True
            self._patience.reschedule(0)

    def _failed(self, error: Exception) -> Problem | None:
        refused = self._upload.refused or error
        if self._left or isinstance(refused, GoneError):
            return None
        log.warning("no answer from the owner", service=self._service, status=self.status, error=repr(error))
        if self.status:
            return None  # the answer stops short: the server closes the caller's connection on it
        match refused:
            case Problem():
                return refused
            case NotSentError():
                return outcomes.not_sent(self._service)
            case TimeoutError() if self._upload.waiting:
                return outcomes.too_slow()
            case TimeoutError():
                return outcomes.too_late(self._service, self._scope["method"])
            case _:
                return outcomes.no_answer(self._service, self._scope["method"])
