"""Asking a running system, and showing what was asked, what was answered and what it means."""

import json
import time
from typing import Any

import httpx2
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from local.trouble import Trouble

STEP_SECONDS = 0.1

Said = dict[str, Any]


class Conversation:
    """What is asked at `url`, unless another address is named; outcomes have `patience` seconds to come."""

    def __init__(self, http: httpx2.Client, console: Console, url: str, patience: float) -> None:
        self.url = url
        self._patience = patience
        self._http = http
        self._console = console
        self._steps = 0

    def step(self, title: str) -> None:
        """Begin another step."""
        self._steps += 1
        self._console.print(Text(f"\n{self._steps}  {title}", style="bold"))

    def means(self, sentence: str) -> None:
        """Say what the answers mean."""
        self._line("means", Text(sentence, style="green"))

    def remark(self, sentence: str) -> None:
        """Say something beside it."""
        self._line("", Text(sentence, style="dim"))

    def post(self, path: str, **fields: Any) -> Said:
        """Send something new; it must be taken."""
        answer = self._asked("POST", self.url + path, fields)
        self._answered(answer)
        return self._expected(answer, 201)

    def peek(self, path: str) -> Said:
        """Look something up without showing it."""
        return _said(self._sent("GET", self.url + path))

    def reaches(self, url: str) -> bool:
        """Tell whether somebody answers there."""
        try:
            return self._http.get(url + "/health/live").is_success
        except httpx2.HTTPError:
            return False

    def cancel(self, path: str) -> Said:
        """Delete something; while that is not possible now, try again."""
        deadline = time.monotonic() + self._patience
        while True:
            answer = self._asked("DELETE", self.url + path)
            self._answered(answer)
            if answer.status_code != 503 or time.monotonic() > deadline:
                return self._expected(answer, 200)
            time.sleep(float(answer.headers.get("retry-after", 1)))

    def until(self, path: str, at: str | None = None, **expected: Any) -> Said:
        """Look something up until it is as expected, and show how it gets there."""
        began = time.monotonic()
        url = (at or self.url) + path
        last: object = None
        answer = self._asked("GET", url)
        while True:
            if (said := (answer.status_code, _said(answer))) != last:
                last = said
                self._answered(answer, time.monotonic() - began)
            if answer.status_code == 200 and expected.items() <= _said(answer).items():
                return _said(answer)
            if time.monotonic() > began + self._patience:
                wanted = ", ".join(f"{name} {value}" for name, value in expected.items())
                raise Trouble(
                    f"{url} should have come to {wanted} within {self._patience:g} seconds; "
                    f"it says {answer.status_code} {_brief(answer)}."
                )
            time.sleep(STEP_SECONDS)
            answer = self._sent("GET", url)

    def _asked(self, method: str, url: str, fields: Said | None = None) -> httpx2.Response:
        asked = Text.assemble((method, "bold"), " ", url)
        if fields:
            asked.append(f"  {json.dumps(fields)}")
        self._line("asked", asked)
        return self._sent(method, url, fields)

    def _sent(self, method: str, url: str, fields: Said | None = None) -> httpx2.Response:
        try:
            return self._http.request(method, url, json=fields)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Trouble(
                f"Nothing answers at {url} ({type(error).__name__}): start the system with `oa-rental up`, "
                "or say with --url where its gateway is."
            ) from error

    def _answered(self, answer: httpx2.Response, after: float = 0) -> None:
        color = "green" if answer.is_success else "yellow"
        shown = Text.assemble((str(answer.status_code), color), "  ", _brief(answer))
        if after >= STEP_SECONDS:
            shown.append(f"  after {after:.1f} s", style="dim")
        self._line("answered", shown)

    def _expected(self, answer: httpx2.Response, status: int) -> Said:
        if answer.status_code != status:
            asked = f"{answer.request.method} {answer.request.url}"
            raise Trouble(
                f"{asked} should answer {status}; it answers {answer.status_code} {_brief(answer)}."
            )
        return _said(answer)

    def _line(self, label: str, shown: Text) -> None:
        line = Table.grid(Column(min_width=8, style="dim"), Column(overflow="fold"), padding=(0, 2))
        line.add_row(label, shown)
        self._console.print(line)


def _said(answer: httpx2.Response) -> Said:
    try:
        said = answer.json()
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {}


def _brief(answer: httpx2.Response) -> str:
    """Write an answer on one line, without its links."""
    said = _said(answer)
    if "detail" in said:
        return str(said["detail"]).rstrip(".")
    if "history" in said:
        said = said | {"history": [entry["what"] for entry in said["history"]]}
    return json.dumps({name: value for name, value in said.items() if name != "_links"})
