"""Who may call whom in the cluster, worked out from the NetworkPolicies as a network plugin would."""

from itertools import product as pairs

import pytest

from chassis.settings import PORTS
from tests.deploy import known
from tests.deploy.kustomization import Manifest, read

POLICIES = [each["spec"] for each in read().of_kind("NetworkPolicy").values()]
CALLS = {("gateway", context) for context in known.CONTEXTS} | {("rental", "delivery")}


def selects(selector: Manifest, name: str) -> bool:
    """Tell whether a pod of this service is meant; an empty selector means every pod."""
    if more := set(selector) - {"matchLabels", "matchExpressions"}:
        raise ValueError(f"unknown selector {more}")
    wanted = [
        {"key": key, "operator": "In", "values": [value]}
        for key, value in selector.get("matchLabels", {}).items()
    ]
    for rule in [*wanted, *selector.get("matchExpressions", [])]:
        assert (rule["key"], rule["operator"]) == ("app.kubernetes.io/name", "In")
        if name not in rule["values"]:
            return False
    return True


def rules(name: str, direction: str) -> list[Manifest]:
    """Collect the rules that hold for a pod; none at all would let everything through."""
    holding = [
        each for each in POLICIES if direction in each["policyTypes"] and selects(each["podSelector"], name)
    ]
    assert holding, f"no policy limits {direction} of {name}"
    return [rule for policy in holding for rule in policy.get(direction.lower(), [])]


def admits(rule: Manifest, side: str, peer: str, port: int) -> bool:
    """Tell whether a rule lets through what comes from, or goes to, a pod of the same namespace."""
    peers = [each["podSelector"] for each in rule.get(side, []) if set(each) == {"podSelector"}]
    return any(selects(each, peer) for each in peers) and port in {each["port"] for each in rule["ports"]}


@pytest.mark.parametrize(
    ("caller", "callee"), [pair for pair in pairs(PORTS, known.CONTEXTS) if pair[0] != pair[1]]
)
def test_a_service_reaches_those_that_it_calls_and_no_other(caller: str, callee: str) -> None:
    port = PORTS[callee]
    leaves = any(admits(rule, "to", callee, port) for rule in rules(caller, "Egress"))
    enters = any(admits(rule, "from", caller, port) for rule in rules(callee, "Ingress"))
    assert (leaves, enters) == (((caller, callee) in CALLS),) * 2


@pytest.mark.parametrize("name", PORTS)
def test_contexts_alone_reach_the_database_and_the_broker(name: str) -> None:
    anywhere = [rule for rule in rules(name, "Egress") if "to" not in rule]
    ports = {each["port"] for rule in anywhere for each in rule["ports"]}
    assert ports == ({5432, 9092} if name in known.CONTEXTS else set())


def test_the_rest_of_the_cluster_reaches_the_gateway_alone() -> None:
    anyone: Manifest = {"namespaceSelector": {}}
    open_to_all = {
        (name, each["port"])
        for name in PORTS
        for rule in rules(name, "Ingress")
        if "from" not in rule or anyone in rule["from"]
        for each in rule["ports"]
    }
    assert open_to_all == {("gateway", PORTS["gateway"])}


@pytest.mark.parametrize("name", PORTS)
def test_everyone_may_look_up_names(name: str) -> None:
    assert any({"protocol": "UDP", "port": 53} in rule["ports"] for rule in rules(name, "Egress"))


def test_a_pod_that_nobody_thought_of_is_closed() -> None:
    assert rules("a-newcomer", "Ingress") == []
    [only_names] = rules("a-newcomer", "Egress")
    assert {each["port"] for each in only_names["ports"]} == {53}
