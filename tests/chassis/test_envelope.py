"""The envelope is a CloudEvent in Kafka's binary mode, for others to read as well as for us."""

from datetime import UTC
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event, to_binary_event
from hypothesis import given
from hypothesis import strategies as st

from chassis.database import Database
from chassis.message import decode
from chassis.settings import Settings
from shared_events.envelope import Envelope, NotAnEnvelopeError
from tests.chassis.test_relay import commit, outbox_is_empty, relaying
from tests.support import broker
from tests.support.counted import Counted
from tests.support.databases import rows
from tests.support.messages import NOW

REQUIRED = ["ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "ce_aggregateversion"]

HEADERS = [
    ("ce_specversion", b"1.0"),
    ("ce_id", b"01890a5d-ac96-774b-bcce-b302099a8057"),
    ("ce_type", b"RentalOrdered"),
    ("ce_source", b"/rental"),
    ("ce_subject", b"rentals/7"),
    ("ce_time", b"2026-03-01T12:00:00+00:00"),
    ("ce_aggregateversion", b"1"),
]

envelopes = st.builds(
    Envelope,
    id=st.uuids(),
    type=st.sampled_from(["RentalOrdered", "user_created"]),
    source=st.sampled_from(["/rental", "/product"]),
    subject=st.builds("rentals/{}".format, st.integers(1, 2**63 - 1)),
    time=st.datetimes(timezones=st.just(UTC)),
    aggregate_version=st.integers(1, 2**63 - 1),
    traceparent=st.none() | st.just("00-" + "1" * 32 + "-" + "2" * 16 + "-01"),
)


@given(envelopes)
def test_what_is_written_is_read_back(envelope: Envelope) -> None:
    assert Envelope.from_headers(envelope.to_headers()) == envelope


@given(envelopes)
def test_the_cloudevents_sdk_reads_what_we_write(envelope: Envelope) -> None:
    found = from_binary_event(KafkaMessage(dict(envelope.to_headers()), b"7", b'{"counter": 7}'))
    assert found.get_specversion() == "1.0"
    assert found.get_id() == str(envelope.id)
    assert found.get_type() == envelope.type
    assert found.get_source() == envelope.source
    assert found.get_subject() == envelope.subject
    assert found.get_time() == envelope.time
    assert found.get_datacontenttype() == "application/json"
    assert found.get_extension("aggregateversion") == str(envelope.aggregate_version)
    assert found.get_data() == {"counter": 7}


@given(envelopes)
def test_we_read_what_the_cloudevents_sdk_writes(envelope: Envelope) -> None:
    event = from_binary_event(KafkaMessage(dict(envelope.to_headers()), b"7", b'{"counter": 7}'))
    written = to_binary_event(event).headers
    if envelope.traceparent:  # an extension of Kafka's headers, not of CloudEvents
        written = {**written, "traceparent": envelope.traceparent.encode()}
    assert Envelope.from_headers(list(written.items())) == envelope


@pytest.mark.parametrize("missing", REQUIRED)
def test_an_attribute_that_is_missing_is_noticed(missing: str) -> None:
    with pytest.raises(NotAnEnvelopeError):
        Envelope.from_headers([(name, value) for name, value in HEADERS if name != missing])


@pytest.mark.parametrize("name", ["ce_id", "ce_time", "ce_aggregateversion"])
@pytest.mark.parametrize("value", [b"", b"nonsense", b"\xff"])
def test_an_attribute_that_is_malformed_is_noticed(name: str, value: bytes) -> None:
    with pytest.raises(NotAnEnvelopeError):
        Envelope.from_headers([*((n, v) for n, v in HEADERS if n != name), (name, value)])


def test_headers_that_others_added_are_passed_over() -> None:
    assert Envelope.from_headers([*HEADERS, ("x-other", b"\xff")]) == Envelope.from_headers(HEADERS)


async def test_what_the_relay_sends_is_a_cloudevent(
    bootstrap: str, kafka_settings: Settings, database: Database, created: str
) -> None:
    await commit(database, 7)
    [row] = await rows(database, "outbox")
    async with relaying(kafka_settings, database):
        await outbox_is_empty(database)
    [record] = await broker.read(bootstrap, created)
    found: Any = from_binary_event(KafkaMessage(dict(record.headers), record.key, record.value))
    assert found.get_attributes() == {
        "specversion": "1.0",
        "id": str(row["event_id"]),
        "type": "Counted",
        "source": "/chassis-0",
        "subject": "counters/7",
        "time": NOW,
        "datacontenttype": "application/json",
        "aggregateversion": "1",
        "partitionkey": "7",
    }
    assert found.get_data() == {"counter": 7, "number": 1, "note": ""}
    assert decode(record).event == Counted(counter=7, number=1)
