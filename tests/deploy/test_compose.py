"""docker-compose.yml: the same system, nothing as root, nothing open to the network."""

import re
from typing import Any

import pytest
import yaml

from chassis.settings import PORTS
from tests.deploy import known
from tests.deploy.kustomization import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
MIGRATIONS = {f"migrate-{context}": context for context in known.CONTEXTS}
OURS = [*PORTS, *MIGRATIONS]
every_container = pytest.mark.parametrize("name", SERVICES)
every_service = pytest.mark.parametrize("name", PORTS)
every_context = pytest.mark.parametrize("name", known.CONTEXTS)
INTERPOLATED = re.compile(r"\$\{([A-Z_]+)(.*?)\}")


def test_the_system_is_complete() -> None:
    assert set(SERVICES) == {"postgres", "kafka", *OURS}


@every_container
def test_a_container_has_no_root_and_no_way_to_become_it(name: str) -> None:
    service = SERVICES[name]
    user, group = service["user"].split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"} & set(service)


@every_container
def test_a_container_writes_only_in_its_volume_and_in_memory(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert "/tmp" in service["tmpfs"]  # noqa: S108
    for volume in service.get("volumes", []):
        source, _, mode = volume.split(":") if volume.count(":") == 2 else (*volume.split(":"), "")
        assert source in COMPOSE["volumes"] or mode == "ro"


@every_container
def test_a_port_is_published_on_this_machine_only(name: str) -> None:
    expected = [f"127.0.0.1:{PORTS[name]}:{PORTS[name]}"] if name in PORTS else []
    assert SERVICES[name].get("ports", []) == expected


@every_container
def test_only_what_publishes_a_port_has_a_way_out(name: str) -> None:
    assert COMPOSE["networks"]["data"]["internal"] is True
    expected = {"gateway": {"edge"}} | {context: {"edge", "data"} for context in known.CONTEXTS}
    assert set(SERVICES[name]["networks"]) == expected.get(name, {"data"})


@every_container
def test_a_container_that_stays_is_watched(name: str) -> None:
    health = SERVICES[name].get("healthcheck")
    if name in ("postgres", "kafka"):
        assert health["test"][0] == "CMD"
    elif name in MIGRATIONS:
        assert health == {"disable": True}
    else:
        assert health is None, "the image's own health check holds"


def test_the_image_is_built_here_and_has_one_name() -> None:
    assert {(SERVICES[name]["build"], SERVICES[name]["image"]) for name in OURS} == {(".", known.image())}


def test_broker_and_database_are_those_of_the_embedded_system() -> None:
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{known.kafka_version()}"
    assert SERVICES["postgres"]["image"] == "postgres:18"


@every_service
def test_a_service_serves_on_its_port(name: str) -> None:
    assert SERVICES[name]["command"] == ["python", "-m", "chassis.serve", name]
    assert SERVICES[name]["environment"]["OA_PORT"] == str(PORTS[name])


@every_context
def test_a_context_migrates_before_it_serves(name: str) -> None:
    migration = SERVICES[f"migrate-{name}"]
    assert migration["command"] == ["python", "-m", "chassis.migrate", name]
    assert migration["environment"] == SERVICES[name]["environment"]
    assert migration["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert SERVICES[name]["depends_on"] == {
        f"migrate-{name}": {"condition": "service_completed_successfully"},
        "kafka": {"condition": "service_healthy"},
    }


def test_the_gateway_waits_for_every_context() -> None:
    waits = SERVICES["gateway"]["depends_on"]
    assert waits == {context: {"condition": "service_healthy"} for context in known.CONTEXTS}


@pytest.mark.parametrize("name", OURS)
def test_a_service_sets_only_what_the_settings_know(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= known.SETTINGS


@every_service
def test_an_address_names_a_container_and_its_port(name: str) -> None:
    environment = SERVICES[name]["environment"]
    for other in known.CONTEXTS:
        url = environment.get(f"OA_{other.upper()}_URL")
        assert url in (None, f"http://{other}:{PORTS[other]}")
    if name in known.CONTEXTS:
        assert environment["OA_DATABASE_URL"].startswith(f"postgresql://{name}:${{{name.upper()}_PASSWORD:?")
        assert environment["OA_DATABASE_URL"].endswith(f"}}@postgres:5432/{name}")


def test_every_secret_comes_from_the_env_file_and_is_demanded() -> None:
    found = INTERPOLATED.findall(yaml.safe_dump(SERVICES, width=1_000))
    assert {rest for _, rest in found} == {":?make .env as .env.example says"}
    example = (ROOT / ".env.example").read_text()
    names = set(re.findall(r"^([A-Z_]+)=$", example, re.MULTILINE))
    assert {name for name, _ in found} == names
    assert not re.findall(r"^[A-Z_]+=.+$", example, re.MULTILINE), "an example holds no value"


def test_the_database_script_makes_each_context_its_own() -> None:
    script = (ROOT / "ops/postgres/contexts.sql").read_text()
    for context in known.CONTEXTS:
        variable = f"{context}_password"
        assert f"\\getenv {variable} {context.upper()}_PASSWORD" in script
        assert f"CREATE ROLE {context} LOGIN PASSWORD :'{variable}';" in script
        assert f"CREATE DATABASE {context} OWNER {context};" in script
        assert SERVICES["postgres"]["environment"][f"{context.upper()}_PASSWORD"]
    assert f"REVOKE ALL ON DATABASE {', '.join(known.CONTEXTS)}, postgres FROM PUBLIC;" in script
