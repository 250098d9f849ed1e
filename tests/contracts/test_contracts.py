"""What a context was promised to hear, it still hears; what is announced is exactly what was promised."""

import json
from dataclasses import replace
from datetime import datetime

import pytest

from chassis.database import Database
from chassis.message import decode
from chassis.outbox import Announcement
from shared_events.envelope import Envelope
from shared_events.topics import EVENT_TYPES, ROUTES
from tests.conftest import Emptied
from tests.contracts.samples import SAMPLES, Sample, heard_by_somebody, named, subscriptions
from tests.support.databases import CONTEXTS, rows
from tests.support.messages import Listener

NEWEST = {(sample.consumer, sample.event_type): sample.version for sample in SAMPLES}
CURRENT = [sample for sample in SAMPLES if sample.version == NEWEST[sample.consumer, sample.event_type]]


def test_every_event_that_a_context_listens_to_has_a_sample_and_no_other_has() -> None:
    assert {(sample.consumer, sample.event_type) for sample in SAMPLES} == heard_by_somebody()


def test_every_event_that_is_announced_is_heard_by_somebody_and_so_has_a_sample() -> None:
    assert (
        {sample.event_type for sample in SAMPLES} == {event.__name__ for event in ROUTES} == set(EVENT_TYPES)
    )


@pytest.mark.parametrize("sample", SAMPLES, ids=named)
def test_a_sample_still_means_what_it_said(sample: Sample) -> None:
    message = decode(sample)
    assert type(message.event).__name__ == sample.event_type == message.envelope.type
    read = message.event.model_dump(by_alias=True)
    # As text, because 3 == 3.0 == True in Python and in no contract.
    assert json.dumps({name: read[name] for name in sample.fields}) == json.dumps(sample.fields)


@pytest.mark.parametrize("sample", SAMPLES, ids=named)
def test_a_field_that_nobody_knows_yet_is_passed_over(sample: Sample) -> None:
    extended = json.dumps({**sample.fields, "addedLater": {"by": "somebody"}}).encode()
    headers = [*sample.headers, ("ce_addedlater", b"by somebody")]
    assert decode(replace(sample, value=extended, headers=headers)) == decode(sample)


@pytest.mark.parametrize("sample", CURRENT, ids=named)
def test_what_is_announced_has_exactly_these_fields(sample: Sample) -> None:
    envelope = Envelope.from_headers(sample.headers)
    announcement = Announcement(
        decode(sample).event, envelope.aggregate_version, envelope.time, envelope.traceparent
    )
    topic, key, kind, subject, version, at, trace, payload = announcement.row()
    assert json.loads(payload) == sample.fields
    assert list(json.loads(payload)) == list(sample.fields)
    assert (topic, key.encode(), kind) == (sample.topic, sample.key, sample.event_type)
    sent = Envelope(envelope.id, kind, envelope.source, subject, at, version, trace)
    assert dict(sent.to_headers()) == dict(sample.headers)


@pytest.mark.parametrize("sample", SAMPLES, ids=named)
def test_the_key_the_source_and_the_subject_name_who_speaks_of_what(sample: Sample) -> None:
    envelope = Envelope.from_headers(sample.headers)
    assert sample.topic == f"{envelope.source.removeprefix('/')}.events"
    assert envelope.subject.rpartition("/")[2] == sample.key.decode()
    assert envelope.time == datetime.fromisoformat("2026-03-01T12:00:00.123456+00:00")


@pytest.mark.parametrize("context", CONTEXTS)
async def test_a_context_takes_its_samples_in(emptied: Emptied, context: str) -> None:
    database: Database = await emptied(context)
    if context == "rental":  # delivery only ever speaks of rentals that there are
        await database.pool.execute(
            "INSERT INTO rentals (id, product_id, qty, status, announced) VALUES (3, 1, 3, 'ORDERED', 1)"
        )
    mine = [sample for sample in SAMPLES if sample.consumer == context]
    mine.sort(key=lambda sample: int(dict(sample.headers)["ce_aggregateversion"]))
    await Listener(database, context, subscriptions(context)).takes(*mine)
    assert await rows(database, "dead_letters") == []
    assert len(await rows(database, "inbox")) == len(mine)
