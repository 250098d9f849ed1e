"""What the caller sends, piece by piece, and whether it is still there."""

import asyncio
from collections.abc import AsyncIterator, Callable

from chassis.edge import Receive
from chassis.problems import Problem


class GoneError(Exception):
    """The caller closed its connection before its request was whole."""


class Upload:
    """The body of a request; once it is whole, a watch for the caller going away."""

    def __init__(self, receive: Receive, leave: Callable[[], None]) -> None:
        self.waiting = False  # for the caller to send
        self.refused: GoneError | Problem | None = None
        self._receive = receive
        self._leave = leave
        self._whole = False
        self._watch: asyncio.Task[None] | None = None

    async def begin(self) -> bytes | AsyncIterator[bytes] | None:
        """Give the body: none, all of it where it came at once, or else its pieces as they come."""
        first = await self._piece()
        if self._whole:
            return first or None
        return self._pieces(first)

    def end(self) -> None:
        """Stop the watch."""
        if self._watch:
            self._watch.cancel()

    async def _pieces(self, first: bytes) -> AsyncIterator[bytes]:
        yield first
        while not self._whole:
            try:
                yield await self._piece()
            except (GoneError, Problem) as refused:
                self.refused = refused  # aiohttp, which reads this, raises an error of its own instead
                raise

    async def _piece(self) -> bytes:
        self.waiting = True
        message = await self._receive()
        self.waiting = False
        if message["type"] == "http.disconnect":
            raise GoneError
        if not message.get("more_body", False):
            self._whole = True
            self._watch = asyncio.create_task(self._until_gone())
        body: bytes = message.get("body", b"")
        return body

    async def _until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._leave()
