"""`oa-rental demo`: the scenario, played against a running system, each step shown."""

import time
from collections.abc import Callable
from typing import Annotated, Any

import httpx2
import typer
from rich.console import Console
from rich.json import JSON

from cli.console import plain_errors, standard_output
from local.trouble import Trouble

PATIENCE_SECONDS = 20.0
LOOK_AGAIN_SECONDS = 0.1

Url = Annotated[str, typer.Option("--url", help="The gateway's address.")]


def demo(url: Url = "http://127.0.0.1:8080") -> None:
    """Play the scenario: register, order three times, look, cancel."""
    with plain_errors(), httpx2.Client(base_url=url, timeout=10, trust_env=False) as http:
        try:
            Demo(http, standard_output()).play()
        except httpx2.TransportError as error:
            raise Trouble(f"Nothing answers at {url}: start the system with `make up`.") from error


class Demo:
    """One play of the scenario."""

    def __init__(self, http: httpx2.Client, console: Console) -> None:
        self._http = http
        self._console = console

    def play(self) -> None:
        """Play it; raise Trouble at the first step that does not end as it should."""
        self._say("The product team registers what the company owns.")
        computer = self._ask("POST", "/products", 201, name="computer", qty="9")["id"]
        self._ask("POST", "/products", 201, name="monitor", qty="9")
        unknown = computer + 1_000_000

        self._say("Customers order: too many, something nobody registered, and three computers.")
        too_many = self._order(computer, 12)
        unregistered = self._order(unknown, 12)
        good = self._order(computer, 3)

        self._say("Each order was taken at once. Delivery decides a moment later:")
        self._becomes(f"/rentals/{too_many}", status="CANCELED_OutOfStock")
        self._becomes(f"/rentals/{unregistered}", status="CANCELED_UnregisteredProduct")
        self._becomes(f"/rentals/{good}", status="DELIVERED", deliveryId=good)
        self._becomes(f"/deliveries/{good}", status="DELIVERED", qty=3)
        self._becomes(f"/products/{computer}", qty=6)
        self._say("One query tells how an order stands, and how it came to that:")
        self._becomes(f"/myOrders/{good}", status="DELIVERED", deliveryStatus="DELIVERED")

        self._say("The customer cancels. Rental asks delivery, which gives the stock back:")
        self._ask("DELETE", f"/rentals/{good}", 200)
        self._becomes(f"/rentals/{good}", status="CANCELED")
        self._becomes(f"/deliveries/{good}", status="CANCELED")
        self._becomes(f"/myOrders/{good}", status="CANCELED", deliveryStatus="CANCELED")
        self._becomes(f"/products/{computer}", qty=9)
        self._console.print("\n[bold green]Every step ended as it should.[/]")

    def _order(self, product: int, qty: int) -> int:
        order = {"productId": str(product), "qty": str(qty), "status": "ORDERED", "productName": "computer"}
        number: int = self._ask("POST", "/rentals", 201, **order)["id"]
        return number

    def _ask(self, method: str, path: str, expected: int, **body: str) -> dict[str, Any]:
        fields = " ".join(f"{name}={value}" for name, value in body.items())
        self._console.print(f"\n[bold]{method}[/] {path} [dim]{fields}[/]")
        answer = self._http.request(method, path, json=body or None)
        self._show(answer)
        if answer.status_code != expected:
            raise Trouble(f"{method} {path} answered {answer.status_code}, not {expected}.")
        found: dict[str, Any] = answer.json()
        return found

    def _becomes(self, path: str, **expected: object) -> None:
        """Look until the resource is as expected: it follows events, so it takes a moment."""

        def as_expected(answer: httpx2.Response) -> bool:
            return answer.status_code == 200 and expected.items() <= answer.json().items()

        self._console.print(f"\n[bold]GET[/] {path}")
        answer = self._look_until(path, as_expected)
        self._show(answer)
        if not as_expected(answer):
            raise Trouble(f"{path} did not become {expected} within {PATIENCE_SECONDS:g} s.")

    def _look_until(self, path: str, good: Callable[[httpx2.Response], bool]) -> httpx2.Response:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not good(answer := self._http.get(path)) and time.monotonic() < deadline:
            time.sleep(LOOK_AGAIN_SECONDS)
        return answer

    def _show(self, answer: httpx2.Response) -> None:
        colour = "green" if answer.status_code < 400 else "yellow"
        self._console.print(f"[{colour}]{answer.status_code}[/]", end=" ")
        if "json" in answer.headers.get("content-type", ""):
            body = {name: value for name, value in answer.json().items() if name != "_links"}
            self._console.print(JSON.from_data(body, indent=None, ensure_ascii=False))
        else:
            self._console.print(answer.text[:200])

    def _say(self, sentence: str) -> None:
        self._console.print(f"\n[bold cyan]{sentence}[/]")
