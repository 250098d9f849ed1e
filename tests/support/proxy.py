"""A wire that can be cut: a TCP proxy between a service and what it depends on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Wire:
    """Passes bytes on until told otherwise."""

    def __init__(self, host: str, port: int) -> None:
        self._there = (host, port)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.swallows_answers = False
        """Requests arrive, and the connection is lost before the answer does."""
        self._moving = asyncio.Event()
        self._moving.set()

    async def mend(self) -> None:
        """Take connections (again), on the same port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def hang(self) -> None:
        """Go on taking connections, and let nothing move on them."""
        self._moving.clear()

    def move(self) -> None:
        """Let things move again."""
        self._moving.set()

    async def cut(self) -> None:
        """Drop every connection and refuse new ones."""
        if self._server:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        with suppress(OSError, asyncio.CancelledError):
            try:
                there, back = await asyncio.open_connection(*self._there)
                self._open.add(back)
                try:
                    await self._both_ways(reader, writer, there, back)
                finally:
                    self._open.discard(back)
                    back.transport.abort()
            finally:
                self._open.discard(writer)
                writer.transport.abort()
        self._tasks.discard(task)

    async def _both_ways(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        back: asyncio.StreamWriter,
    ) -> None:
        ways = [
            asyncio.create_task(self._pass_on(reader, back)),
            asyncio.create_task(self._pass_on(there, writer, answers=True)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool = False
    ) -> None:
        while data := await reader.read(65536):
            await self._moving.wait()
            if answers and self.swallows_answers:
                return
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def wire_to(url: str) -> AsyncIterator[tuple[Wire, str]]:
    """Put a wire in front of a server; give it, and the address that leads through it."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    wire = Wire(parts.hostname, parts.port)
    await wire.mend()
    user, at, _ = parts.netloc.rpartition("@")
    try:
        yield wire, parts._replace(netloc=f"{user}{at}127.0.0.1:{wire.port}").geturl()
    finally:
        await wire.cut()
