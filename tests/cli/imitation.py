"""A system in one small server that plays the scenario by the book, but for the fault it is given."""

from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse

OWNED = 9


@dataclass
class Imitation:
    """All contexts in one; `wrong` answers instead of a path, `refusals` is how often it cannot cancel."""

    wrong: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusals: int = 0
    down: str = ""
    products: list[dict[str, Any]] = field(default_factory=list)
    rentals: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()
        app.add_api_route("/health", self.health)
        app.add_api_route("/health/live", self.live)
        app.add_api_route("/products", self.register, methods=["POST"])
        app.add_api_route("/rentals", self.order, methods=["POST"])
        app.add_api_route("/rentals/{number}", self.cancel, methods=["DELETE"])
        app.add_api_route("/{collection}/{number}", self.look_up)
        return app

    async def live(self) -> dict[str, str]:
        return {"status": "up"}

    async def health(self) -> dict[str, Any]:
        names = ("product", "rental", "delivery", "information")
        return {"services": {name: {"status": "down" if name == self.down else "up"} for name in names}}

    async def register(self, body: dict[str, Any]) -> JSONResponse:
        product = {"id": len(self.products) + 1, **body}
        self.products.append(product)
        return JSONResponse(product, 201)

    async def order(self, body: dict[str, Any]) -> JSONResponse:
        rental = {"id": len(self.rentals) + 1, **body, "deliveryId": None}
        self.rentals.append(rental)
        return JSONResponse(rental, 201)

    async def look_up(self, collection: str, number: int) -> JSONResponse:
        if wrong := self.wrong.get(f"{collection}/{number}"):
            return JSONResponse({"id": number, **wrong})
        if collection == "products":
            rented = sum(
                rental["qty"]
                for rental in self.rentals
                if rental["productId"] == number and rental["status"] == "DELIVERED"
            )
            return JSONResponse({"id": number, "qty": OWNED - rented})
        rental = self.rentals[number - 1]
        if rental["status"] == "ORDERED":
            self.decide(rental)
        said = {**rental, "deliveryStatus": rental["status"]}
        return JSONResponse(said | {"history": [{"what": "Ordered"}]} if collection == "myOrders" else said)

    def decide(self, rental: dict[str, Any]) -> None:
        if rental["productId"] > len(self.products):
            rental["status"] = "CANCELED_UnregisteredProduct"
        elif rental["qty"] > OWNED:
            rental["status"] = "CANCELED_OutOfStock"
        else:
            rental |= {"status": "DELIVERED", "deliveryId": rental["id"]}

    async def cancel(self, number: int) -> JSONResponse:
        if self.refusals:
            self.refusals -= 1
            detail = "The rental is not cancelled. Please try again shortly."
            return JSONResponse({"detail": detail}, 503, headers={"Retry-After": "0"})
        self.rentals[number - 1]["status"] = "CANCELED"
        return JSONResponse(self.rentals[number - 1])
