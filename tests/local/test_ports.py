"""Ports: chosen by variables, free ones for a second system, and a sentence for a taken one."""

import os
import socket

import pytest

from local.ports import HOST, Ports, free_port, is_free, require_free
from local.settings import read_settings
from local.trouble import Trouble


@pytest.fixture(autouse=True)
def untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("OA_"):
            monkeypatch.delenv(name)


def test_the_usual_ports() -> None:
    ports = read_settings().ports
    assert (ports.gateway, ports.product, ports.information, ports.kafka) == (8080, 8081, 8084, 9092)


def test_one_variable_moves_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OA_PORT_BASE", "21000")
    ports = read_settings().ports
    assert (ports.gateway, ports.information, ports.postgres, ports.kafka) == (21000, 21004, 21010, 21012)


def test_a_single_one_counts_more_than_the_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OA_PORT_BASE", "21000")
    monkeypatch.setenv("OA_PORT_RENTAL", "9999")
    ports = read_settings().ports
    assert (ports.rental, ports.delivery) == (9999, 21003)


@pytest.mark.parametrize("value", ["eighty", "0", "70000", "-1"])
def test_what_is_not_a_port_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OA_PORT_RENTAL", value)
    with pytest.raises(Trouble, match=f"OA_PORT_RENTAL is not valid.*{value}"):
        read_settings()


def test_no_two_share_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OA_PORT_RENTAL", "8081")
    with pytest.raises(Trouble, match="same port"):
        _ = read_settings().ports


def test_free_ports_are_free_and_different() -> None:
    ports = Ports.free()
    numbers = list(vars(ports).values())
    assert len(set(numbers)) == len(numbers)
    assert all(is_free(number) for number in numbers)


def test_a_taken_port_names_its_holder_and_the_way_out() -> None:
    port = free_port()
    with socket.create_server((HOST, port)):
        assert not is_free(port)
        with pytest.raises(Trouble) as trouble:
            require_free("rental", port)
    sentence = str(trouble.value)
    assert f"Port {port}, for rental" in sentence
    assert f"process {os.getpid()}" in sentence
    assert "OA_PORT_RENTAL" in sentence
    require_free("rental", port)


def test_only_what_runs_here_needs_its_port() -> None:
    used = Ports().used(["rental"], postgres=False, kafka=True)
    assert used == {"rental": 8082, "kafka": 9092, "controller": 9093}
