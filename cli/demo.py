"""`oa-rental demo`: the scenario of the company, played against a running system."""

from collections.abc import Mapping
from typing import Annotated

import httpx2
import typer

from cli.console import plain_errors, standard_output
from cli.conversation import Conversation, Said
from local.ports import HOST
from local.settings import read_settings
from local.trouble import Trouble

SECONDS_FOR_AN_ANSWER = 15
OWNED, TOO_MANY, SOME = 9, 12, 3
UNREGISTERED = 22  # as documented, on a system without so many products

Url = Annotated[str | None, typer.Option(help="Where the gateway is; else on this machine.", metavar="URL")]
RentalUrl = Annotated[str | None, typer.Option(help="Where rental itself is.", metavar="URL")]
DeliveryUrl = Annotated[str | None, typer.Option(help="Where delivery itself is.", metavar="URL")]
Patience = Annotated[float, typer.Option(help="How long to wait for each outcome.", metavar="SECONDS")]


def demo(
    url: Url = None,
    rental_url: RentalUrl = None,
    delivery_url: DeliveryUrl = None,
    patience: Patience = 20,
) -> None:
    """Play the scenario against a running system, and show each step."""
    with plain_errors():
        ports = read_settings().ports
        copies = {"rental": rental_url, "delivery": delivery_url}
        if not url:  # beside a gateway elsewhere, the services here would be those of another system
            copies = {name: at or f"http://{HOST}:{ports[name]}" for name, at in copies.items()}
        with httpx2.Client(timeout=SECONDS_FOR_AN_ANSWER, trust_env=False) as http:
            gateway = url or f"http://{HOST}:{ports.gateway}"
            talk = Conversation(http, standard_output(), gateway.rstrip("/"), patience)
            require_all_up(talk)
            play(talk, {name: at.rstrip("/") for name, at in copies.items() if at})


def require_all_up(talk: Conversation) -> None:
    """Make sure that this is the gateway, and that everyone whom the scenario needs is there."""
    services = talk.peek("/health").get("services")
    if not isinstance(services, dict):
        raise Trouble(f"What answers at {talk.url} is no gateway of OA Rental; say with --url where it is.")
    if down := [name for name, one in services.items() if one.get("status") != "up"]:
        raise Trouble(f"Not up: {', '.join(down)}. The scenario needs all; {talk.url}/health says more.")


def play(talk: Conversation, copies: Mapping[str, str]) -> None:
    """Play it, to the end or to the first thing that is not as it should be."""
    talk.step("The product team registers what the company owns")
    computer = talk.post("/products", name="computer", qty=OWNED)["id"]
    monitor = talk.post("/products", name="monitor", qty=OWNED)["id"]
    talk.means(f"The catalogue has computers (product {computer}) and monitors (product {monitor}).")

    talk.step("Everyone who needs it hears of it")
    stock_becomes(talk, copies, computer, OWNED)
    talk.means("Product announced it; rental and delivery keep copies of their own and ask nobody.")

    talk.step(f"A customer orders {TOO_MANY} computers, more than there are")
    order(talk, computer, TOO_MANY, "CANCELED_OutOfStock")
    talk.means("Rental took the order at once; delivery, the only judge of stock, had to refuse it.")

    talk.step("A customer orders what nobody registered")
    unregistered = UNREGISTERED if monitor < UNREGISTERED else monitor + 1_000_000
    order(talk, unregistered, TOO_MANY, "CANCELED_UnregisteredProduct")
    talk.means("Delivery waited a moment, lest the product was only late, and then refused the order.")

    talk.step(f"A customer orders {SOME} computers")
    rental = order(talk, computer, SOME, "DELIVERED")
    if rental.get("deliveryId") is None:
        raise Trouble(f"Rental {rental['id']} is DELIVERED, but it has no deliveryId.")
    talk.means("Delivery took them from its stock and delivered.")

    talk.step("Delivery, the stock and the customer's view follow")
    follow(talk, rental["id"], "DELIVERED")
    stock_becomes(talk, copies, computer, OWNED - SOME)
    talk.means(f"{OWNED} - {SOME} = {OWNED - SOME}: everyone tells the same.")

    talk.step("The customer cancels")
    canceled = talk.cancel(f"/rentals/{rental['id']}")
    if canceled.get("status") != "CANCELED":
        raise Trouble(f"Rental {rental['id']} was cancelled, but it is {canceled.get('status')}.")
    talk.means("Rental asked delivery, and delivery agreed, before the customer was answered.")

    talk.step("Everyone follows, and the computers are back")
    talk.until(f"/rentals/{rental['id']}", status="CANCELED")
    follow(talk, rental["id"], "CANCELED")
    stock_becomes(talk, copies, computer, OWNED)
    talk.means(
        "Nothing is lost, doubled or left hanging. That is the whole scenario; all is as it should be."
    )


def order(talk: Conversation, product: int, qty: int, outcome: str) -> Said:
    """Order, and wait for what becomes of it."""
    rental = talk.post("/rentals", productId=product, qty=qty, status="ORDERED", productName="computer")
    return talk.until(f"/rentals/{rental['id']}", status=outcome)


def follow(talk: Conversation, rental: int, status: str) -> None:
    """Wait until delivery and the view say the same of a rental."""
    talk.until(f"/deliveries/{rental}", status=status)
    talk.until(f"/myOrders/{rental}", status=status, deliveryStatus=status)


def stock_becomes(talk: Conversation, copies: Mapping[str, str], product: int, qty: int) -> None:
    """Wait until the catalogue and the copies that can be reached tell this stock."""
    talk.until(f"/products/{product}", qty=qty)
    for name, at in copies.items():
        if talk.reaches(at):
            talk.until(f"/products/{product}", at, qty=qty)
        else:
            talk.remark(f"{name} itself is not reachable at {at}, so its copy is not looked at.")
