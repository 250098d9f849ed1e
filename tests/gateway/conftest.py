"""A gateway in front of four owners who say what they were asked."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx2
import pytest

from tests.gateway.servers import LIMITS, SERVICES, echo, gateway_to, serving


@pytest.fixture(scope="session")
async def echoing() -> AsyncIterator[str]:
    """Give the address of a gateway whose owners all echo."""
    async with AsyncExitStack() as stack:
        owners = {name: await stack.enter_async_context(serving(echo(name))) for name in SERVICES}
        yield await stack.enter_async_context(gateway_to(LIMITS, **owners))


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    """Give a client."""
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as client:
        yield client
