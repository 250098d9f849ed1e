"""OA_TEST_INFRA=containers: real servers where an engine is, and a loud failure where none is."""

import os
import subprocess
import sys

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from tests.deploy.kustomization import ROOT
from tests.support.containers import ContainerKafka, ContainerPostgres, wanted

needs_an_engine = pytest.mark.skipif(
    os.environ.get("OA_TEST_INFRA") != "containers", reason="OA_TEST_INFRA=containers asks for an engine"
)


@pytest.mark.parametrize("server", ["ContainerPostgres", "ContainerKafka"])
def test_no_engine_is_a_failure_that_says_what_to_do(server: str) -> None:
    # In a process of its own, for docker's client forgets to close its socket when nobody answers there.
    program = f"import asyncio, tests.support.containers as c; asyncio.run(c.{server}().start())"
    outcome = subprocess.run(
        [sys.executable, "-c", program],
        env={"DOCKER_HOST": "unix:///nowhere/docker.sock"},
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 1
    assert "NoContainerEngineError: OA_TEST_INFRA=containers needs a Docker engine" in outcome.stderr
    assert "none answers at unix:///nowhere/docker.sock" in outcome.stderr


@pytest.mark.parametrize(("choice", "answer"), [(None, False), ("embedded", False), ("containers", True)])
def test_the_choice_is_read(choice: str | None, answer: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OA_TEST_INFRA", raising=False)
    if choice:
        monkeypatch.setenv("OA_TEST_INFRA", choice)
    assert wanted() is answer


def test_a_misspelt_choice_is_not_taken_for_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OA_TEST_INFRA", "container")
    with pytest.raises(ValueError, match="choose embedded or containers"):
        wanted()


@needs_an_engine
async def test_the_database_in_a_container_answers() -> None:
    postgres = ContainerPostgres()
    await postgres.start()
    try:
        connection = await asyncpg.connect(postgres.admin_url)
        assert (await connection.fetchval("SHOW server_version")).startswith("18.")
        assert await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        await connection.close()
    finally:
        await postgres.stop()


@needs_an_engine
async def test_the_broker_in_a_container_answers() -> None:
    kafka = ContainerKafka()
    await kafka.start()
    try:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
        await admin.start()
        assert await admin.list_topics() == []
        await admin.close()
    finally:
        await kafka.stop()
