"""The envelope: CloudEvents 1.0 attributes as Kafka headers (the protocol binding's binary mode).

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

Headers = list[tuple[str, bytes]]


class NotAnEnvelopeError(ValueError):
    """The headers are not those of a CloudEvent that we know how to read."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who says it, about what, when, and as which fact in the row of that aggregate's facts."""

    id: UUID
    type: str
    source: str
    subject: str
    time: datetime
    aggregate_version: int
    traceparent: str | None = None

    def to_headers(self) -> Headers:
        """Write the attributes as headers; the payload is the message's value, in JSON."""
        headers = [
            ("ce_specversion", b"1.0"),
            ("ce_id", str(self.id).encode()),
            ("ce_type", self.type.encode()),
            ("ce_source", self.source.encode()),
            ("ce_subject", self.subject.encode()),
            ("ce_time", self.time.isoformat().encode()),
            ("ce_aggregateversion", b"%d" % self.aggregate_version),
            ("content-type", b"application/json"),
        ]
        if self.traceparent:
            headers.append(("traceparent", self.traceparent.encode()))
        return headers

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[str, bytes | None]]) -> "Envelope":
        """Read the attributes back; raise NotAnEnvelopeError where one is missing or malformed."""
        found = {name: value for name, value in headers if value is not None}
        try:
            traceparent = found.get("traceparent")
            return cls(
                id=UUID(found["ce_id"].decode()),
                type=found["ce_type"].decode(),
                source=found["ce_source"].decode(),
                subject=found["ce_subject"].decode(),
                time=datetime.fromisoformat(found["ce_time"].decode()),
                aggregate_version=int(found["ce_aggregateversion"]),
                traceparent=traceparent.decode() if traceparent else None,
            )
        except (KeyError, ValueError) as error:
            raise NotAnEnvelopeError(f"not a CloudEvent of ours: {error!r}") from error
