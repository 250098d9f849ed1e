"""The start-up as it happens: moving lines on a terminal, plain ones elsewhere; later, one per incident."""

import contextlib
import time
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Display
from rich.text import Text

from local.report import State

NAME_WIDTH = 12
WORDS = {State.STARTING: "starting", State.READY: "ready", State.DIED: "died", State.STOPPED: "stopped"}
COLOURS = {State.READY: "green", State.DIED: "red", State.STOPPED: "dim"}


class DownloadBar(BarColumn):
    """A bar only where it is known how much is still to come."""

    def render(self, task: Task) -> Text:  # type: ignore[override]
        return super().render(task) if task.fields.get("measured") else Text("")  # type: ignore[return-value]


class Progress:
    """Hears the supervisor's reports and shows them."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._moving = console.is_terminal and not console.is_dumb_terminal
        self._last: dict[str, str] = {}
        self._rows: dict[str, TaskID] = {}
        columns: list[ProgressColumn] = [
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn(f"{{task.fields[name]:<{NAME_WIDTH}}}"),
            TextColumn("{task.description}"),
            DownloadBar(bar_width=24),
            TimeElapsedColumn(),
        ]
        self._display = Display(*columns, console=console)

    def __enter__(self) -> Self:
        if self._moving:
            self._display.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the moving lines as they are; what follows is told line by line."""
        if self._moving:
            self._display.stop()
        self._moving = False

    def __call__(self, name: str, state: State, detail: str = "", done: float | None = None) -> None:
        """Show one report; where nobody can see it any more, the system runs on."""
        with contextlib.suppress(OSError):
            self._show(name, state, detail, done)

    def _show(self, name: str, state: State, detail: str, done: float | None) -> None:
        words = detail if state is State.PROGRESS else ": ".join(filter(None, (WORDS[state], detail)))
        if self._moving and state is not State.DIED:
            self._move(name, state, words, done)
        elif state in COLOURS or self._is_news(name, words, done):
            clock = time.strftime("%H:%M:%S")
            style = COLOURS.get(state, "")
            self._console.print(f"{clock}  {name:<{NAME_WIDTH}} {words}", style=style, markup=False)

    def _move(self, name: str, state: State, words: str, done: float | None) -> None:
        if name not in self._rows:
            self._rows[name] = self._display.add_task(words, total=1, name=name, measured=False)
        measured = done is not None
        self._display.update(
            self._rows[name],
            description=words,
            completed=1 if state in {State.READY, State.STOPPED} else done or 0,
            measured=measured,
        )

    def _is_news(self, name: str, words: str, done: float | None) -> bool:
        """In plain lines a download tells every tenth, not every jar."""
        key = words if done is None else f"{done:.1f}"
        changed = self._last.get(name) != key
        self._last[name] = key
        return changed
