"""The sample messages: contracts, filed by the context that hears them.

A file is never changed once it was released. A new field of an event is a new version beside the old one.
"""

import json
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from chassis.consumer import Subscriptions
from shared_events.envelope import Headers
from tests.support.databases import CONTEXTS

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Sample:
    """A message as it lies in Kafka."""

    consumer: str
    file: str
    topic: str
    key: bytes
    value: bytes
    headers: Headers
    partition: int = 0
    offset: int = 0

    @property
    def event_type(self) -> str:
        return self.file.partition(".")[0]

    @property
    def version(self) -> int:
        return int(self.file.split(".")[1].removeprefix("v"))

    @property
    def fields(self) -> dict[str, Any]:
        """What the message says."""
        found: dict[str, Any] = json.loads(self.value)
        return found


def _read(path: Path) -> Sample:
    written = json.loads(path.read_text(encoding="utf-8"))
    return Sample(
        consumer=path.parent.name,
        file=path.name,
        topic=written["topic"],
        key=written["key"].encode(),
        value=json.dumps(written["value"]).encode(),
        headers=[(name, value.encode()) for name, value in written["headers"].items()],
    )


SAMPLES = [_read(path) for path in sorted(FOLDER.glob("*/*.json"))]


def subscriptions(context: str) -> Subscriptions:
    """Say what a context listens to."""
    found: Subscriptions = import_module(f"{context}.consumers").SUBSCRIPTIONS
    return found


def heard_by_somebody() -> set[tuple[str, str]]:
    """List who listens to what."""
    return {(context, event.__name__) for context in CONTEXTS for event in subscriptions(context)}


def named(sample: Sample) -> str:
    """Name a case."""
    return f"{sample.consumer}-{sample.file}"
