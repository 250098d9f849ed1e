"""What the supervisor tells whoever listens: the console of `up`, or a test."""

from enum import Enum
from typing import Protocol


class State(Enum):
    """What happens to a step or a process."""

    STARTING = "starting"
    PROGRESS = "progress"
    READY = "ready"
    DIED = "died"
    STOPPED = "stopped"


class Reporter(Protocol):
    """Hears who does what, with one line for a person, and how much of it is done where that is known."""

    def __call__(self, name: str, state: State, detail: str = "", done: float | None = None) -> None: ...


def silent(name: str, state: State, detail: str = "", done: float | None = None) -> None:
    """Listen to nothing."""
