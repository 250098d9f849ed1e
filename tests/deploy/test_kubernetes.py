"""k8s/base: valid for Kubernetes, restricted, and true to what the services expect."""

from typing import Any

import kubernetes_validate
import pytest

from chassis.settings import PORTS
from tests.deploy import known
from tests.deploy.kustomization import Manifest, read

OLDEST, NEWEST = "1.30", kubernetes_validate.latest_version()
BASE = read()
DEPLOYMENTS = BASE.of_kind("Deployment")
PODS = {name: each["spec"]["template"]["spec"] for name, each in DEPLOYMENTS.items()}
every_service = pytest.mark.parametrize("name", PORTS)
every_context = pytest.mark.parametrize("name", known.CONTEXTS)


def containers(name: str) -> list[Manifest]:
    """Give the containers of a pod, those of its migration first."""
    return [*PODS[name].get("initContainers", []), *PODS[name]["containers"]]


def service_container(name: str) -> Manifest:
    """Give the one container that serves."""
    [container] = PODS[name]["containers"]
    return dict(container)


def label(each: Manifest) -> str:
    """Say which manifest a test is about."""
    return f"{each['kind']}/{each['metadata']['name']}"


def variables(container: Manifest) -> dict[str, Any]:
    """Collect what a container finds in its environment; a Secret's value stays a reference."""
    found: dict[str, Any] = {}
    for source in container.get("envFrom", []):
        found |= BASE.config(source["configMapRef"]["name"])
    return found | {
        each["name"]: each.get("valueFrom", each.get("value")) for each in container.get("env", [])
    }


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("manifest", BASE.manifests, ids=label)
def test_a_manifest_fits_the_schema_and_has_no_unknown_field(manifest: Manifest, version: str) -> None:
    kubernetes_validate.validate(manifest, version, strict=True)


def test_every_manifest_file_is_listed_and_every_listed_file_exists() -> None:
    assert sorted(BASE.listed) == sorted(BASE.files)


def test_no_manifest_has_the_name_of_another() -> None:
    names = [label(manifest) for manifest in BASE.manifests]
    assert sorted(set(names)) == sorted(names)


def test_the_namespace_turns_unrestricted_pods_away() -> None:
    [(name, namespace)] = BASE.of_kind("Namespace").items()
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert {each["metadata"].get("namespace", name) for each in BASE.manifests} == {name}


def test_every_service_has_its_manifests() -> None:
    for kind in ("Deployment", "Service", "PodDisruptionBudget"):
        assert set(BASE.of_kind(kind)) == set(PORTS), kind


@every_service
def test_a_pod_is_restricted(name: str) -> None:
    pod = PODS[name]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    assert all(set(volume) == {"name", "emptyDir"} for volume in pod["volumes"])
    for container in containers(name):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]


@every_service
def test_a_pod_runs_its_service(name: str) -> None:
    container = service_container(name)
    assert container["command"] == ["python", "-m", "chassis.serve", name]
    assert {each["image"] for each in containers(name)} == {known.image()}


@every_service
def test_a_service_is_probed(name: str) -> None:
    container = service_container(name)
    expected = {"startupProbe": "live", "livenessProbe": "live", "readinessProbe": "ready"}
    for probe, path in expected.items():
        assert container[probe]["httpGet"] == {"path": f"/health/{path}", "port": "http"}, probe


@every_service
def test_a_service_has_its_port_everywhere(name: str) -> None:
    container, service = service_container(name), BASE.of_kind("Service")[name]
    assert container["ports"] == [{"name": "http", "containerPort": PORTS[name]}]
    assert variables(container)["OA_PORT"] == str(PORTS[name])
    assert service["spec"]["ports"] == [{"name": "http", "port": PORTS[name], "targetPort": "http"}]
    assert service["spec"].get("type", "ClusterIP") == "ClusterIP"


@every_service
def test_everything_that_selects_a_pod_finds_it(name: str) -> None:
    labels = DEPLOYMENTS[name]["spec"]["template"]["metadata"]["labels"].items()
    spread = PODS[name]["topologySpreadConstraints"]
    selectors = [
        DEPLOYMENTS[name]["spec"]["selector"]["matchLabels"],
        BASE.of_kind("Service")[name]["spec"]["selector"],
        BASE.of_kind("PodDisruptionBudget")[name]["spec"]["selector"]["matchLabels"],
        *(constraint["labelSelector"]["matchLabels"] for constraint in spread),
    ]
    for selector in selectors:
        assert selector == {"app.kubernetes.io/name": name}
        assert selector.items() <= labels


@every_service
def test_an_update_takes_no_pod_away_before_the_next_one_serves(name: str) -> None:
    deployment = DEPLOYMENTS[name]["spec"]
    assert deployment["replicas"] >= 2
    assert deployment["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    pause = service_container(name)["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert PODS[name]["terminationGracePeriodSeconds"] >= pause + 10
    assert BASE.of_kind("PodDisruptionBudget")[name]["spec"]["maxUnavailable"] == 1


@every_context
def test_a_context_migrates_before_it_serves(name: str) -> None:
    [migration] = PODS[name]["initContainers"]
    assert migration["command"] == ["python", "-m", "chassis.migrate", name]
    assert variables(migration)["OA_DATABASE_URL"] == variables(service_container(name))["OA_DATABASE_URL"]


def test_the_gateway_has_no_database_and_no_secret() -> None:
    assert "initContainers" not in PODS["gateway"]
    assert not [each for each in variables(service_container("gateway")).values() if isinstance(each, dict)]


@every_context
def test_a_context_gets_its_own_database_and_no_other(name: str) -> None:
    reference = {"secretKeyRef": {"name": f"{name}-database", "key": "url"}}
    assert variables(service_container(name))["OA_DATABASE_URL"] == reference


def test_the_service_key_is_known_to_rental_and_delivery_alone() -> None:
    holders = {name for name in PODS if "OA_SERVICE_KEY" in variables(service_container(name))}
    assert holders == {"rental", "delivery"}


@every_service
def test_a_pod_sets_only_what_the_settings_know(name: str) -> None:
    for container in containers(name):
        assert set(variables(container)) <= known.SETTINGS


@every_service
def test_an_address_names_a_service_and_its_port(name: str) -> None:
    urls = {key: value for key, value in variables(service_container(name)).items() if key.endswith("_URL")}
    urls.pop("OA_DATABASE_URL", None)
    for variable, url in urls.items():
        other = variable.removeprefix("OA_").removesuffix("_URL").lower()
        assert url == f"http://{other}:{PORTS[other]}"
    assert set(urls) == {
        "gateway": {f"OA_{context.upper()}_URL" for context in known.CONTEXTS},
        "rental": {"OA_DELIVERY_URL"},
    }.get(name, set())


def test_secrets_are_referred_to_documented_and_never_contained() -> None:
    references = [
        (value["secretKeyRef"]["name"], value["secretKeyRef"]["key"])
        for name in PODS
        for container in containers(name)
        for value in variables(container).values()
        if isinstance(value, dict)
    ]
    assert set(references) == known.documented_secrets()
    assert not BASE.of_kind("Secret")
    assert not any(
        "@" in value for each in BASE.of_kind("ConfigMap").values() for value in each["data"].values()
    )
