"""What stands before every route: a limit on bodies, and the trace of the request."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from chassis import problems, tracing
from chassis.problems import Problem

MAX_BODY_BYTES = 64 * 1024

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Edge:
    """ASGI middleware; a plain one, for Starlette's BaseHTTPMiddleware costs a task per request."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        traceparent = tracing.begin(headers.get(b"traceparent", b"").decode("latin-1"))

        async def traced_send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"traceparent", traceparent.encode())]
            await send(message)

        if _declared_length(headers) > MAX_BODY_BYTES:
            await problems.respond(_too_large())(scope, receive, traced_send)
        else:
            await self._app(scope, _limited(receive), traced_send)


def _declared_length(headers: dict[bytes, bytes]) -> int:
    length = headers.get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


def _limited(receive: Receive) -> Receive:
    received = 0

    async def limited_receive() -> MutableMapping[str, Any]:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > MAX_BODY_BYTES:
            raise _too_large()
        return message

    return limited_receive


def _too_large() -> Problem:
    return Problem(413, "body-too-large", "Body too large", f"A body has {MAX_BODY_BYTES} bytes at most.")
