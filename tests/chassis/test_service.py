"""What every service has beside its own routes."""

from collections.abc import AsyncIterator
from importlib import import_module
from itertools import pairwise

import pytest

from chassis.database import Database
from chassis.settings import Settings
from chassis.tracing import begin, current, trace_id
from tests.conftest import Emptied
from tests.support.databases import CONTEXTS, empty
from tests.support.eventually import eventually
from tests.support.problems import refusal
from tests.support.running import Running, environment, running

OWN_PATHS = {
    "product": {"/products", "/products/{product_id}", "/products/{product_id}/stock-adjustments"},
    "rental": {"/rentals", "/rentals/{rental_id}", "/products", "/products/{product_id}"},
    "delivery": {
        "/deliveries",
        "/deliveries/{delivery_id}",
        "/deliveries/{delivery_id}/cancellation",
        "/products",
        "/products/{product_id}",
    },
    "information": {"/myOrders", "/myOrders/{rental_id}"},
}
OPERATIONS = {"/health", "/health/live", "/health/ready"}


@pytest.fixture(params=CONTEXTS, scope="module")
async def service(
    request: pytest.FixtureRequest,
    bootstrap: str,
    database_urls: dict[str, str],
    databases: dict[str, Database],
) -> AsyncIterator[tuple[str, Running]]:
    """Run each of the services, with Kafka."""
    context: str = request.param
    await empty(databases[context])
    async with running(context, database_urls[context], bootstrap=bootstrap) as found:
        yield context, found


async def test_it_describes_all_its_paths(service: tuple[str, Running]) -> None:
    context, running_service = service
    description = (await running_service.http.get("/openapi.json")).json()
    assert set(description["paths"]) == OWN_PATHS[context] | OPERATIONS
    assert (await running_service.http.get("/docs")).status_code == 200


async def test_it_is_alive_ready_and_knows_what_it_depends_on(service: tuple[str, Running]) -> None:
    context, running_service = service
    for path in ("/health/live", "/health/ready"):
        answer = await running_service.http.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "up"})
    health = await running_service.http.get("/health")
    others = {"delivery": "circuit closed"} if context == "rental" else {}
    assert health.json() == {
        "status": "up",
        "service": context,
        "dependencies": {"database": "up", "kafka": "up", **others},
    }


async def test_it_counts_what_it_does(service: tuple[str, Running]) -> None:
    _, running_service = service
    answer = await running_service.http.get("/metrics")
    assert answer.status_code == 200
    for name in (
        "events_consumed_total",
        "inbox_duplicates_total",
        "dead_letters_total",
        "outbox_published_total",
    ):
        assert f"# TYPE {name} counter" in answer.text


async def test_an_event_goes_from_one_service_to_another(
    bootstrap: str, database_urls: dict[str, str], emptied: Emptied
) -> None:
    await emptied("product")
    await emptied("rental")
    async with (
        running("product", database_urls["product"], bootstrap=bootstrap) as product,
        running("rental", database_urls["rental"], bootstrap=bootstrap) as rental,
    ):
        registered = (await product.http.post("/products", json={"name": "컴퓨터", "qty": 9})).json()

        async def known() -> None:
            answer = await rental.http.get(f"/products/{registered['id']}")
            assert answer.status_code == 200, refusal(answer)
            assert (answer.json()["name"], answer.json()["qty"]) == ("컴퓨터", 9)

        await eventually(known)


def test_settings_are_read_from_the_environment_and_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OA_CANCEL_TIMEOUT_MS", "250")
    assert Settings().cancel_timeout_ms == 250
    monkeypatch.setenv("OA_CANCEL_TIMEOUT_MS", "0")
    with pytest.raises(ValueError, match="cancel_timeout_ms"):
        Settings()


def test_a_cancel_is_not_asked_again_before_the_first_call_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OA_CANCEL_TIMEOUT_MS", "610")
    monkeypatch.setenv("OA_RECONCILE_SECONDS", "0.7")
    with pytest.raises(ValueError, match="OA_RECONCILE_SECONDS"):
        Settings()


@pytest.mark.parametrize("context", ["rental", "delivery"])
async def test_a_key_that_is_too_short_is_refused_at_the_start(
    context: str, database_urls: dict[str, str]
) -> None:
    app = import_module(f"{context}.main").app
    with (
        environment({"OA_DATABASE_URL": database_urls[context], "OA_SERVICE_KEY": "short"}),
        pytest.raises(RuntimeError, match="OA_SERVICE_KEY"),
    ):
        await app.router.lifespan_context(app).__aenter__()


def test_a_secret_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OA_DATABASE_URL", "postgresql://rental:hunter2@here/rental")
    monkeypatch.setenv("OA_SERVICE_KEY", "hunter2" * 5)
    assert "hunter2" not in repr(Settings())


def test_each_piece_of_work_without_a_trace_begins_one() -> None:
    traces = [begin(None) for _ in range(3)]
    assert all(one != other for one, other in pairwise(traces))
    assert current() == traces[-1]
    assert trace_id() == traces[-1].split("-")[1]
