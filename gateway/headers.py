"""Which header fields pass from the caller to the owner, and back.

RFC 9110, section 7.6.1, says which belong to one connection only. Beside those, whatever tells the owner who
is calling is written here anew: a caller could have made it up.
"""

from collections.abc import Collection, Iterable, Iterator

from multidict import CIMultiDict

from chassis.edge import Scope

Field = tuple[bytes, bytes]

OF_ONE_CONNECTION = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
NOT_TO_THE_OWNER = OF_ONE_CONNECTION | {
    b"expect",  # met here: the server before us asks for the body as soon as we read it
    b"forwarded",
    b"host",
    b"traceparent",
    b"via",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-port",
    b"x-forwarded-prefix",
    b"x-forwarded-proto",
    b"x-real-ip",
}
# The server before us dates every answer, and Edge traces it: from the owner both would come twice.
NOT_TO_THE_CALLER = OF_ONE_CONNECTION | {b"date", b"traceparent"}
OURSELVES = "1.1 oa-rental-gateway"


class MalformedError(Exception):
    """The caller's header is not one that could be passed on without guessing."""


def to_owner(scope: Scope, traceparent: str | None, *, in_pieces: bool) -> CIMultiDict[str]:
    """Write the header that the owner gets; the length of a body that is not `in_pieces` is counted anew."""
    fields: list[Field] = scope["headers"]
    hosts = [value for name, value in fields if name == b"host"]
    if len(hosts) > 1 or (not hosts and scope["http_version"] == "1.1"):
        raise MalformedError("A request has one Host.")
    header = CIMultiDict[str]()
    try:
        for name, value in _passing(fields, NOT_TO_THE_OWNER):
            if in_pieces or name != b"content-length":
                header.add(name.decode(), value.decode())
        via = [value.decode() for name, value in fields if name == b"via"]
        if hosts:
            header["x-forwarded-host"] = hosts[0].decode()
    except UnicodeDecodeError as error:
        raise MalformedError("The header is not UTF-8.") from error
    if scope["client"]:
        header["x-forwarded-for"] = scope["client"][0]
    header["x-forwarded-proto"] = scope["scheme"]
    header["via"] = ", ".join([*via, OURSELVES])
    if traceparent:
        header["traceparent"] = traceparent
    return header


def to_caller(fields: Iterable[Field]) -> list[Field]:
    """Write the header that the caller gets."""
    return list(_passing([(name.lower(), value) for name, value in fields], NOT_TO_THE_CALLER))


def _passing(fields: Collection[Field], kept_back: frozenset[bytes]) -> Iterator[Field]:
    named = {
        option.strip().lower()
        for name, value in fields
        if name == b"connection"
        for option in value.split(b",")
    }
    return ((name, value) for name, value in fields if name not in kept_back and name not in named)
