"""Asks a service whether it is ready, without the memory of a whole HTTP client."""

import asyncio

TIMEOUT_SECONDS = 5


async def answers_ready(host: str, port: int) -> bool:
    """Tell whether GET /health/ready answers 200."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(
                    f"GET /health/ready HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode()
                )
                status = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
    return status.split()[1:2] == [b"200"]
