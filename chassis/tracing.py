"""The trace that a piece of work belongs to, carried as a W3C `traceparent`.

https://www.w3.org/TR/trace-context/
"""

import re
import secrets
from contextvars import ContextVar

_WELL_FORMED = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def begin(traceparent: str | None) -> str:
    """Go on with the caller's trace, or start one where the caller has none (or nonsense)."""
    if traceparent is None or not _WELL_FORMED.fullmatch(traceparent):
        traceparent = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
    _current.set(traceparent)
    return traceparent


def current() -> str | None:
    """Name the trace of the work at hand."""
    return _current.get()


def trace_id() -> str | None:
    """Name only the trace, as problem documents and logs do."""
    traceparent = _current.get()
    return traceparent.split("-")[1] if traceparent else None
