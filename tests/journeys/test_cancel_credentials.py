"""Delivery cancels for rental and for nobody else: anyone else could plant tombstones for orders to come."""

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2

from chassis.credentials import issue
from tests.journeys.quiet import comes_to_rest
from tests.journeys.system import System

NOT_THE_KEY = "k" * 48


def key_of(system: System) -> str:
    return (system.stack.data_dir / "secrets" / "service-key").read_text().strip()


def token(key: str, *, issuer: str = "rental", audience: str = "delivery", age: float = 0) -> str:
    return issue(key, issuer=issuer, audience=audience, now=datetime.now(UTC) - timedelta(seconds=age))


def unsigned(good: str) -> str:
    """Make the same claims, with a header that says that nothing need be checked."""
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    return f"{header}.{good.split('.')[1]}."


async def ask_delivery(system: System, rental_id: int, credential: str | None) -> httpx2.Response:
    headers = {} if credential is None else {"Authorization": credential}
    url = f"{system.stack.urls['delivery']}/deliveries/{rental_id}/cancellation"
    return await system.http.put(url, headers=headers, json={"cancelId": str(uuid4())})


async def test_nobody_but_rental_cancels_a_delivery(system: System) -> None:
    key = key_of(system)
    credentials = {
        "none": None,
        "empty": "Bearer",
        "nonsense": "Bearer x.y.z",
        "another scheme": f"Basic {token(key)}",
        "another key": f"Bearer {token(NOT_THE_KEY)}",
        "an old one": f"Bearer {token(key, age=300)}",
        "for another": f"Bearer {token(key, audience='product')}",
        "from another": f"Bearer {token(key, issuer='review')}",
        "unsigned": f"Bearer {unsigned(token(key))}",
    }
    product = await system.register(5)
    rental = await system.order(product, 2)
    await system.becomes("DELIVERED", rental)
    to_come = rental + 1

    for what, credential in credentials.items():
        for target in (rental, to_come):
            refused = await ask_delivery(system, target, credential)
            assert refused.status_code == 401, f"{what}: {refused.status_code} {refused.text}"
            assert refused.headers["content-type"] == "application/problem+json"
            assert refused.headers["www-authenticate"] == "Bearer"
            assert key not in refused.text

    assert (await system.get("delivery", f"/deliveries/{to_come}")).status_code == 404
    assert await system.order(product, 3) == to_come
    await comes_to_rest(system)
    await system.becomes("DELIVERED", rental, to_come)


async def test_rentals_own_credential_is_the_one_that_counts(system: System) -> None:
    """Or all of the above could be refused for any other reason."""
    product = await system.register(5)
    rental = await system.order(product, 2)
    await system.becomes("DELIVERED", rental)
    for _ in range(2):
        answer = await ask_delivery(system, rental, f"Bearer {token(key_of(system))}")
        assert (answer.status_code, answer.json()["status"]) == (200, "CANCELED")
    await system.becomes("CANCELED", rental)
    await system.stock_becomes(5, product)
