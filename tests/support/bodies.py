"""Bodies that every service must refuse, made from one that it takes."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2

from tests.support.problems import refusal

TOO_LARGE = 64 * 1024 + 1
MALFORMED = (400, "malformed-request")
INVALID = (422, "invalid-request")

NO_JSON_OBJECT: dict[str, tuple[bytes, tuple[int, str]]] = {
    "nothing": (b"", INVALID),
    "half an object": (b"{", MALFORMED),
    "two objects": (b"{}{}", MALFORMED),
    "words": (b"please", MALFORMED),
    "a form": (b"name=computer&qty=9", MALFORMED),
    "bytes that are no text": (b'{"name": "\xff"}', MALFORMED),
    "null": (b"null", INVALID),
    "a list": (b"[]", INVALID),
    "a text": (b'"computer"', INVALID),
    "a number": (b"17", INVALID),
    "10,000 levels of lists": (b"[" * 10_000 + b"]" * 10_000, MALFORMED),
    "10,000 levels of objects": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, MALFORMED),
    "one number of 60,000 digits": (b"9" * 60_000, MALFORMED),
}

NO_TEXT: dict[str, bytes] = {
    "empty": b'""',
    "blank": b'"   "',
    "201 letters": b'"%s"' % (b"x" * 201),
    "NUL": b'"a\\u0000b"',
    "a bell": b'"a\\u0007b"',
    "a new line": b'"a\\nb"',
    "half a pair": b'"a\\ud800b"',
    "a number": b"7",
    "true": b"true",
    "a list": b'["a"]',
    "an object": b'{"$ne": null}',
}

NO_NUMBER: dict[str, bytes] = {
    "true": b"true",
    "a fraction": b"9.5",
    "a whole fraction": b"9.0",
    "an exponent": b"1e3",
    "not a number": b"NaN",
    "infinity": b"Infinity",
    "a text": b'"nine"',
    "an empty text": b'""',
    "a text of a fraction": b'"9.5"',
    "a text of 5,000 digits": b'"%s"' % (b"9" * 5_000),
    "2**64": b"18446744073709551616",
    "-2**64": b"-18446744073709551616",
    "null": b"null",
    "a list": b"[9]",
    "an object": b'{"$gt": 0}',
}

NO_QUANTITY = NO_NUMBER | {
    "zero": b"0",
    "minus five": b"-5",
    "a million and one": b"1000001",
    "'-5'": b'"-5"',
}
NO_REFERENCE = NO_NUMBER | {"zero": b"0", "minus one": b"-1", "2**63": b"9223372036854775808"}


class Refusals:
    """Sends what must be refused to one endpoint, and compares all answers at once."""

    def __init__(self, http: httpx2.AsyncClient, method: str, path: str, valid: Mapping[str, Any]) -> None:
        self._http = http
        self._method = method
        self._path = path
        self._valid = dict(valid)
        self._answers: dict[str, tuple[int, str]] = {}
        self._expected: dict[str, tuple[int, str]] = {}

    async def send(self, name: str, content: bytes, expected: tuple[int, str]) -> None:
        """Send one body."""
        self._expected[name] = expected
        headers = {"content-type": "application/json"}
        self._answers[name] = refusal(
            await self._http.request(self._method, self._path, content=content, headers=headers)
        )

    async def no_object(self) -> None:
        """Send what is no JSON object."""
        for name, (content, expected) in NO_JSON_OBJECT.items():
            await self.send(name, content, expected)

    async def field(self, field: str, values: Mapping[str, bytes]) -> None:
        """Send the valid body with other values of one field."""
        others = {name: value for name, value in self._valid.items() if name != field}
        for name, value in values.items():
            body = json.dumps(others)[:-1].encode() + (b", " if others else b"")
            await self.send(f"{field}: {name}", body + b'"%s": %s}' % (field.encode(), value), INVALID)

    async def missing(self, field: str) -> None:
        """Send the valid body without a field."""
        others = {name: value for name, value in self._valid.items() if name != field}
        await self.send(f"no {field}", json.dumps(others).encode(), INVALID)

    async def unknown_fields(self) -> None:
        """Send fields that nobody knows beside the valid ones."""
        for name in ("id", "price", "__class__", "_links", "\x00", "한글", "x" * 10_000):
            await self.send(f"unknown {name[:20]!r}", json.dumps({**self._valid, name: 1}).encode(), INVALID)
        half_a_pair = json.dumps({**self._valid, "\ud800": 1}).encode()
        await self.send("unknown half a pair", half_a_pair, INVALID)

    async def too_large(self) -> None:
        """Send more than a body may have: declared, undeclared, and filled with blanks."""
        body = json.dumps({**self._valid, "x": "y" * TOO_LARGE}).encode()
        padded = json.dumps(self._valid).encode().ljust(TOO_LARGE)
        await self.send("too large", body, (413, "body-too-large"))
        await self.send("too large with blanks", padded, (413, "body-too-large"))

        async def chunks() -> AsyncIterator[bytes]:
            for begin in range(0, len(padded), 4_096):
                yield padded[begin : begin + 4_096]

        self._expected["too large in chunks"] = (413, "body-too-large")
        headers = {"content-type": "application/json"}
        answer = await self._http.request(self._method, self._path, content=chunks(), headers=headers)
        assert "content-length" not in answer.request.headers
        self._answers["too large in chunks"] = refusal(answer)

    def compare(self) -> None:
        """See that every one was refused as it had to be."""
        assert self._answers == self._expected
