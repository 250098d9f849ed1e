"""A way between two services on which answers get lost."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

CHUNK = 65_536


class UnreliableWay:
    """Passes every request on; the next `answers_to_lose` answers come back as a closed connection."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self.url = ""
        self.answers_to_lose = 0
        self.answers_lost = 0

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        there_reader, there_writer = await asyncio.open_connection(self._host, self._port)
        requests = asyncio.create_task(_pass_on(reader, there_writer))
        try:
            while answer := await there_reader.read(CHUNK):
                if self.answers_to_lose:
                    self.answers_to_lose -= 1
                    self.answers_lost += 1
                    return
                writer.write(answer)
                await writer.drain()
        finally:
            requests.cancel()
            await asyncio.wait({requests})
            writer.close()
            there_writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


@asynccontextmanager
async def unreliable_way(target: str) -> AsyncIterator[UnreliableWay]:
    """Open a way to `target`."""
    way = UnreliableWay(target)
    server = await asyncio.start_server(way.connected, "127.0.0.1", 0)
    way.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield way
