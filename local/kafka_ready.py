"""Asks a broker, in its own protocol, which brokers serve: an open port alone says nothing."""

import asyncio
import struct

TIMEOUT_SECONDS = 5
API_METADATA, VERSION, CORRELATION = 3, 1, 7
NO_TOPICS = struct.pack(">i", 0)
REQUEST = struct.pack(">hhih", API_METADATA, VERSION, CORRELATION, -1) + NO_TOPICS


async def serves(host: str, port: int) -> bool:
    """Tell whether at least one broker is registered and takes requests."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(struct.pack(">i", len(REQUEST)) + REQUEST)
                (size,) = struct.unpack(">i", await reader.readexactly(4))
                correlation, brokers = struct.unpack_from(">ii", await reader.readexactly(size))
            finally:
                writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False
    return bool(correlation == CORRELATION and brokers > 0)
