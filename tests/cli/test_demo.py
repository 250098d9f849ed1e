"""`oa-rental demo`: it plays the scenario on a real system, and says so when it does not end as it should."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from local.stack import Stack
from tests.cli.imitation import Imitation
from tests.gateway.servers import nobody, serving

ROOT = Path(__file__).parents[2]


async def demo(*options: str, **environment: str) -> tuple[int, str]:
    """Run the command; give its exit code and what it says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli.main", "demo", *options),
        stdout=PIPE,
        stderr=STDOUT,
        cwd=ROOT,
        env={**os.environ, "TERM": "dumb", **environment},
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


@pytest.fixture(scope="module")
async def stack() -> AsyncIterator[Stack]:
    """Run a whole system."""
    async with Stack() as stack:
        yield stack


def ports(stack: Stack) -> dict[str, str]:
    return {f"OA_PORT_{name.upper()}": url.rpartition(":")[2] for name, url in stack.urls.items()}


async def test_it_plays_on_a_new_system_and_on_one_with_history(stack: Stack) -> None:
    code, said = await demo("--patience", "60", **ports(stack))
    assert code == 0, said
    for outcome in ("CANCELED_OutOfStock", "CANCELED_UnregisteredProduct", "DELIVERED", "CANCELED"):
        assert f'"status": "{outcome}"' in said
    for name in ("gateway", "rental", "delivery"):
        assert f"GET {stack.urls[name]}/products/1" in said
    for order in ('"productId": 1, "qty": 12', '"productId": 22, "qty": 12', '"productId": 1, "qty": 3'):
        assert order in said

    async with httpx2.AsyncClient(trust_env=False) as http:
        for _ in range(22):
            await http.post(stack.urls["gateway"] + "/products", json={"name": "printer"})
    code, said = await demo("--patience", "60", "--url", stack.urls["gateway"] + "/")
    assert code == 0, said
    assert '"productId": 22,' not in said
    assert stack.urls["rental"] not in said, "a gateway elsewhere has its rental elsewhere"
    assert "/rentals/6" in said


async def test_it_names_who_is_down(stack: Stack) -> None:
    await stack.stop_service("information")
    code, said = await demo(**ports(stack))
    await stack.start_service("information")
    assert (code, said.splitlines()[0]) == (
        1,
        f"oa-rental: Not up: information. The scenario needs all; {stack.urls['gateway']}/health says more.",
    )


async def test_it_says_that_nothing_runs() -> None:
    for url in (nobody(), "gopher://localhost", "http://here:port", "nonsense"):
        code, said = await demo("--url", url)
        assert code == 1
        assert said.startswith(f"oa-rental: Nothing answers at {url}/health")
        assert "oa-rental up" in said
        assert "Traceback" not in said


async def test_it_says_that_something_else_runs() -> None:
    async with serving(FastAPI()) as url:
        code, said = await demo("--url", url)
    assert code == 1
    assert said.startswith(f"oa-rental: What answers at {url} is no gateway of OA Rental")


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"rentals/1": {"status": "DELIVERED"}}, "/rentals/1 should have come to status CANCELED_OutOfStock"),
        ({"rentals/2": {"status": "ORDERED"}}, "to status CANCELED_UnregisteredProduct within 0.2 seconds"),
        ({"rentals/3": {"status": "DELIVERED", "deliveryId": None}}, "Rental 3 is DELIVERED, but it has no"),
        ({"products/1": {"qty": 9}}, "/products/1 should have come to qty 6"),
        ({"deliveries/3": {"status": "DELIVERED"}}, "/deliveries/3 should have come to status CANCELED"),
        ({"myOrders/3": {"status": "DELIVERED", "deliveryStatus": "X"}}, "deliveryStatus DELIVERED within"),
    ],
)
async def test_it_ends_where_a_step_does_not_end_as_it_should(
    wrong: dict[str, dict[str, Any]], complaint: str
) -> None:
    async with serving(Imitation(wrong).app()) as url:
        code, said = await demo("--url", url, "--patience", "0.2")
    assert code == 1
    assert complaint in said.splitlines()[-1], said
    assert "Traceback" not in said


async def test_it_cancels_again_while_that_is_not_possible() -> None:
    async with serving(Imitation(refusals=2).app()) as url:
        code, said = await demo("--url", url)
    assert code == 0, said
    assert said.count("answered  503  The rental is not cancelled. Please try again shortly") == 2


async def test_it_does_not_cancel_for_ever() -> None:
    async with serving(Imitation(refusals=1_000_000).app()) as url:
        code, said = await demo("--url", url, "--patience", "0.5")
    assert code == 1
    assert f"DELETE {url}/rentals/3 should answer 200; it answers 503" in said.splitlines()[-1]


async def test_copies_that_cannot_be_reached_are_left_out() -> None:
    async with serving(Imitation().app()) as url:
        away = nobody()
        code, said = await demo("--url", url, "--rental-url", url, "--delivery-url", away)
    assert code == 0, said
    assert f"delivery itself is not reachable at {away}, so its copy is not looked at." in said
    assert "rental itself" not in said
