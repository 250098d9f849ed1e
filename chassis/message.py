"""A message: an event in its envelope, as it came from Kafka."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from shared_events.envelope import Envelope
from shared_events.event import Event
from shared_events.topics import EVENT_TYPES

E = TypeVar("E", bound=Event)
E_co = TypeVar("E_co", bound=Event, covariant=True)


class Record(Protocol):
    """What we need of a Kafka record, or of a dead letter that was one."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Iterable[tuple[str, bytes | None]]: ...


@dataclass(frozen=True, slots=True)
class Message(Generic[E_co]):
    """An event and its envelope."""

    envelope: Envelope
    event: E_co


def decode(record: Record) -> Message[Any]:
    """Read a record; raise ValueError (pydantic's is one) where it is not what it should be."""
    envelope = Envelope.from_headers(record.headers)
    return Message(envelope, EVENT_TYPES[envelope.type].model_validate_json(record.value or b""))


def type_of(record: Record) -> str | None:
    """Name the event's type without reading more; None where the record has none."""
    for name, value in record.headers:
        if name == "ce_type" and value is not None:
            return value.decode(errors="replace")
    return None


def newest_by(key: Callable[[E], int], messages: Sequence[Message[E]]) -> list[Message[E]]:
    """Keep the newest message about each aggregate, in the order of the keys.

    One upsert cannot touch a row twice, and rows taken in one order are never waited for in a ring.
    """
    newest: dict[int, Message[E]] = {}
    for message in messages:
        known = newest.setdefault(key(message.event), message)
        if message.envelope.aggregate_version > known.envelope.aggregate_version:
            newest[key(message.event)] = message
    return [message for _, message in sorted(newest.items())]
