"""The API document of all services, fetched from them and kept for a moment."""

import asyncio
from collections.abc import Callable

from gateway.combine import Document, combine
from gateway.owners import NoAnswerError, NotSentError, Owners
from gateway.routes import SERVICES


class ApiDocument:
    """The document, made anew when someone asks and the last one is older than a moment."""

    def __init__(self, owners: Owners, own: Callable[[], Document], keep_seconds: float) -> None:
        self._owners = owners
        self._own = own
        self._keep_seconds = keep_seconds
        self._making = asyncio.Lock()
        self._until = 0.0
        self._last: Document = {}

    async def current(self) -> Document:
        """Give the document."""
        async with self._making:  # who comes meanwhile waits for this one
            now = asyncio.get_running_loop().time()
            if now >= self._until:
                found = await asyncio.gather(*(self._of(service) for service in SERVICES))
                self._last = combine(self._own(), dict(zip(SERVICES, found, strict=True)))
                self._until = now + self._keep_seconds
            return self._last

    async def _of(self, service: str) -> Document | None:
        try:
            status, document = await self._owners.ask(service, "/openapi.json")
        except (NotSentError, NoAnswerError, TimeoutError):
            return None
        return document if status == 200 and isinstance(document, dict) else None
