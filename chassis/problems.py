"""Errors as RFC 9457 problem documents; no exception's own text reaches a caller."""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from chassis import tracing
from chassis.database import CONFLICTS, REFUSED, UNAVAILABLE

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"


class Problem(HTTPException):
    """What the caller is told instead of an answer. `slug` is stable: programs rely on it."""

    def __init__(self, status: int, slug: str, title: str, detail: str, **headers: str) -> None:
        super().__init__(status, detail, {name.replace("_", "-"): value for name, value in headers.items()})
        self.slug = slug
        self.title = title


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
    body = document(problem.status_code, problem.slug, problem.title, problem.detail)
    return JSONResponse(body, problem.status_code, headers=problem.headers, media_type=MEDIA_TYPE)


_REFUSALS = {
    400: ("malformed-request", "The body is not JSON"),
    404: ("not-found", "There is nothing here"),
    405: ("method-not-allowed", "This cannot be done here"),
}


def _write(body: dict[str, object], status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(body, status, headers=headers, media_type=MEDIA_TYPE)


def _refused(status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
    slug, title = _REFUSALS.get(status, (f"http-{status}", "The request cannot be served"))
    return _write(document(status, slug, title, f"{title}."), status, headers)


async def _problem(_: Request, problem: Any) -> JSONResponse:
    return respond(problem)


async def _http(_: Request, error: Any) -> JSONResponse:
    return _refused(error.status_code, error.headers)


async def _invalid(_: Request, error: Any) -> JSONResponse:
    if any(one["type"] == "json_invalid" for one in error.errors()):
        return _refused(400)
    errors = [
        {
            "field": ".".join(str(part) for part in one["loc"][1:]),
            "message": one["msg"].removeprefix("Value error, "),
        }
        for one in error.errors()[:20]
    ]
    where = "; ".join(f"{one['field'] or 'body'}: {one['message']}" for one in errors[:5])
    return _write(document(422, "invalid-request", "The request is not valid", where, errors=errors), 422)


async def _away(_: Request, error: Any) -> JSONResponse:
    log.warning("database away", error=repr(error))
    return respond(unavailable("The database is not available."))


async def _busy(_: Request, _error: Any) -> JSONResponse:
    return respond(unavailable("Too many are changing this at once.", 1))


async def _broken(_: Request, error: Any) -> JSONResponse:
    log.error("unexpected", error=repr(error))
    return _write(document(500, "internal", "Internal error", "Something went wrong on our side."), 500)


HANDLERS: tuple[tuple[tuple[type[Exception], ...], Any], ...] = (
    ((Problem,), _problem),
    ((HTTPException,), _http),
    ((RequestValidationError,), _invalid),
    (UNAVAILABLE, _away),
    (CONFLICTS, _busy),
    ((*REFUSED, Exception), _broken),
)
"""Who answers for which exception; the most special class wins."""


def install(app: FastAPI) -> None:
    """Let every error of this application be a problem document."""
    for kinds, handler in HANDLERS:
        for kind in kinds:
            app.add_exception_handler(kind, handler)
