"""Which ports the processes listen on, and who holds one that should be free."""

import random
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Self

import psutil

from local.trouble import Trouble

HOST = "127.0.0.1"
# Below the range from which systems take ports for outgoing connections (32768 and up on Linux, 49152 on
# macOS): a port from that range may be gone when a killed service comes back for it.
FREE_RANGE = range(20_000, 32_000)


@dataclass(frozen=True)
class Ports:
    """One port for each listener of the system."""

    gateway: int = 8080
    product: int = 8081
    rental: int = 8082
    delivery: int = 8083
    information: int = 8084
    postgres: int = 15432
    kafka: int = 9092
    controller: int = 9093

    @classmethod
    def free(cls) -> Self:
        """Choose ports that nobody listens on now, for a second system beside the usual one."""
        generator = free_ports()
        return cls(**{field.name: next(generator) for field in fields(cls)})

    def used(self, services: Iterable[str], *, postgres: bool, kafka: bool) -> dict[str, int]:
        """Choose the ports of what really runs here."""
        names = [*services, *(["postgres"] if postgres else []), *(["kafka", "controller"] if kafka else [])]
        return {name: self[name] for name in names}

    def __getitem__(self, name: str) -> int:
        return int(getattr(self, name))


def free_ports() -> Iterator[int]:
    """Yield ports that nobody listens on, never one twice."""
    candidates = random.sample(FREE_RANGE, len(FREE_RANGE))
    return (port for port in candidates if is_free(port))


def free_port() -> int:
    """Find one port that nobody listens on."""
    return next(free_ports())


def is_free(port: int) -> bool:
    """Tell whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    # Where SO_REUSEADDR lets two sockets share a port (macOS), only a connection tells.
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) != 0


def holder(port: int) -> str:
    """Name the process that listens on a port, as far as this user may know."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:2] == (port,)
            if listens and connection.pid:
                return f"{psutil.Process(connection.pid).name()}, process {connection.pid}"
    except psutil.Error:
        pass
    return "another program"


def require_free(name: str, port: int) -> None:
    """Raise one sentence when somebody listens there."""
    if not is_free(port):
        raise Trouble(
            f"Port {port}, for {name}, is already used by {holder(port)}: stop that, "
            f"or choose another with OA_PORT_{name.upper()} (or OA_PORT_BASE for all)."
        )
