"""No exception's own text reaches a caller, whatever it is."""

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI
from starlette.exceptions import HTTPException

from chassis import problems
from chassis.database import StaleVersionError
from chassis.edge import Edge
from tests.support.problems import refusal

SECRET = "password=hunter2"

BECOMES: dict[type[Exception], tuple[int, str]] = {
    RuntimeError: (500, "internal"),
    KeyError: (500, "internal"),
    asyncpg.UniqueViolationError: (500, "internal"),
    asyncpg.CheckViolationError: (500, "internal"),
    StaleVersionError: (503, "unavailable"),
    asyncpg.DeadlockDetectedError: (503, "unavailable"),
    asyncpg.LockNotAvailableError: (503, "unavailable"),
    ConnectionRefusedError: (503, "unavailable"),
    TimeoutError: (503, "unavailable"),
    asyncpg.TooManyConnectionsError: (503, "unavailable"),
    asyncpg.AdminShutdownError: (503, "unavailable"),
    asyncpg.UndefinedTableError: (503, "unavailable"),
}


def application(error: Exception) -> FastAPI:
    """Make an application whose only route fails."""
    app = FastAPI()
    problems.install(app)
    app.add_middleware(Edge)

    @app.get("/")
    async def fail() -> None:
        raise error

    return app


async def ask(error: Exception) -> httpx2.Response:
    """Ask that route."""
    transport = httpx2.ASGITransport(application(error), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://here") as http:
        return await http.get("/")


@pytest.mark.parametrize("kind", BECOMES)
async def test_an_exception_becomes_a_problem_that_tells_nothing_of_it(kind: type[Exception]) -> None:
    answer = await ask(kind(SECRET))
    assert refusal(answer) == BECOMES[kind]
    assert SECRET not in answer.text
    assert ("retry-after" in answer.headers) == (answer.status_code == 503)


async def test_a_refusal_of_the_framework_is_told_in_our_words() -> None:
    answer = await ask(HTTPException(418, SECRET, {"X-Pot": "tea"}))
    assert refusal(answer) == (418, "http-418")
    assert SECRET not in answer.text
    assert answer.headers["x-pot"] == "tea"
