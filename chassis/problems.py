"""Errors as RFC 9457 problem documents; no exception's own text reaches a caller."""

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from chassis import tracing
from chassis.database import CONFLICTS, UNAVAILABLE

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818
    """What the caller is told instead of an answer. `slug` is stable: programs rely on it."""

    def __init__(self, status: int, slug: str, title: str, detail: str, **headers: str) -> None:
        super().__init__(title)
        self.status = status
        self.slug = slug
        self.title = title
        self.detail = detail
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def not_found(what: str, number: int) -> Problem:
    """Say that there is no such thing."""
    return Problem(404, "not-found", "Not found", f"There is no {what} {number}.")


def unavailable(what: str, retry_after: int = 2) -> Problem:
    """Say that something we need is away, and when to ask again."""
    return Problem(
        503, "unavailable", "Unavailable", f"{what} Please try again shortly.", Retry_After=str(retry_after)
    )


def document(status: int, slug: str, title: str, detail: str, **extensions: object) -> dict[str, object]:
    """Put a problem document together."""
    body: dict[str, object] = {
        "type": f"urn:oa-rental:problem:{slug}",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if trace := tracing.trace_id():
        body["traceId"] = trace
    return body | extensions


def respond(problem: Problem) -> JSONResponse:
    """Write a problem down as a response."""
    return JSONResponse(
        document(problem.status, problem.slug, problem.title, problem.detail),
        problem.status,
        headers=problem.headers,
        media_type=MEDIA_TYPE,
    )


def install(app: FastAPI) -> None:
    """Let every error of this application be a problem document."""

    @app.exception_handler(Problem)
    async def _problem(_: Request, problem: Problem) -> JSONResponse:
        return respond(problem)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            {"field": ".".join(str(part) for part in one["loc"][1:]), "message": one["msg"]}
            for one in error.errors()
        ]
        where = "; ".join(f"{one['field'] or 'body'}: {one['message']}" for one in errors[:5])
        body = document(422, "invalid-request", "The request is not valid", where, errors=errors[:20])
        return JSONResponse(body, 422, media_type=MEDIA_TYPE)

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        slug = {400: "malformed-request", 404: "not-found", 405: "method-not-allowed"}.get(
            error.status_code, f"http-{error.status_code}"
        )
        body = document(error.status_code, slug, _title(error.status_code), _title(error.status_code) + ".")
        return JSONResponse(body, error.status_code, headers=error.headers, media_type=MEDIA_TYPE)

    async def _away(_: Request, error: Exception) -> JSONResponse:
        log.warning("database away", error=repr(error))
        return respond(unavailable("The database is not available."))

    for kind in UNAVAILABLE:
        app.exception_handler(kind)(_away)

    async def _busy(_: Request, _error: Exception) -> JSONResponse:
        return respond(unavailable("Too many are changing this at once.", 1))

    for kind in CONFLICTS:
        app.exception_handler(kind)(_busy)

    @app.exception_handler(asyncpg.PostgresError)
    async def _broken(_: Request, error: asyncpg.PostgresError) -> JSONResponse:
        log.error("database refused", error=repr(error))
        return JSONResponse(_internal(), 500, media_type=MEDIA_TYPE)

    @app.exception_handler(Exception)
    async def _unexpected(_: Request, _error: Exception) -> JSONResponse:
        return JSONResponse(_internal(), 500, media_type=MEDIA_TYPE)


def _internal() -> dict[str, object]:
    return document(500, "internal", "Internal error", "Something went wrong on our side.")


def _title(status: int) -> str:
    return {400: "The body is not JSON", 404: "Not found", 405: "Method not allowed"}.get(
        status, "The request cannot be served"
    )
