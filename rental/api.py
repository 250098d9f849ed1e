"""The rental context over HTTP: order, cancel, look up."""

import math
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from chassis.fields import Body, Name, Quantity, Reference
from chassis.hal import After, Id, Page, Resource, Size, answer, link, page
from chassis.problems import Problem, not_found
from chassis.service import database, runtime
from rental import cancellation, commands, views
from rental.cancellation import CancelNotHeardError, CancelPendingError
from rental.domain.rental import CANCELABLE, AlreadyDecidedError, CancelUnderWayError, Rental, Status
from rental.views import ProductView, RentalView

router = APIRouter()


class Order(Body):
    """What a customer orders. Only `ORDERED` may be said of the status: the rest is not hers to decide."""

    product_id: Reference = Field(examples=[1])
    qty: Quantity = Field(examples=[3])
    status: Literal["ORDERED"] = "ORDERED"
    product_name: Name | None = Field(None, examples=["computer"])


class RentalResource(Resource):
    """A rental."""

    id: int
    product_id: int
    product_name: str | None
    qty: int
    status: Status
    delivery_id: int | None


class ProductResource(Resource):
    """A product as rental knows it."""

    id: int
    name: str
    qty: int


@router.post("/rentals", status_code=201, response_model=RentalResource, tags=["rentals"])
async def order(body: Order, request: Request) -> Response:
    """Order. The order stands as soon as this is answered; delivery decides a moment later."""
    rental = await commands.order(database(request), body.product_id, body.qty, body.product_name)
    return answer(_rental(rental), 201, location=f"/rentals/{rental.id}")


@router.get("/rentals", response_model=Page[RentalResource], tags=["rentals"])
async def list_rentals(request: Request, after: After = 0, size: Size = 20) -> Response:
    """List rentals."""
    found = await views.rentals(database(request).pool, after, size)
    return answer(page("/rentals", "rentals", [_rental(view) for view in found], [v.id for v in found], size))


@router.get("/rentals/{rental_id}", response_model=RentalResource, tags=["rentals"])
async def look_up(rental_id: Id, request: Request) -> Response:
    """Look a rental up."""
    view = await views.rental(database(request).pool, rental_id)
    if view is None:
        raise not_found("rental", rental_id)
    return answer(_rental(view))


@router.delete("/rentals/{rental_id}", response_model=RentalResource, tags=["rentals"])
async def cancel(rental_id: Id, request: Request) -> Response:
    """Cancel a rental. Cancelling it again is the same success."""
    try:
        return answer(_rental(await cancellation.cancel(runtime(request), rental_id)))
    except LookupError as error:
        raise not_found("rental", rental_id) from error
    except AlreadyDecidedError as error:
        raise Problem(
            409, "nothing-to-cancel", "Nothing to cancel", f"Rental {rental_id} did not stand anyway."
        ) from error
    except CancelNotHeardError as error:
        raise Problem(
            503,
            "cancel-not-possible-now",
            "Cancelling is not possible now",
            f"Rental {rental_id} is not cancelled. Please try again shortly.",
            Retry_After=str(max(1, math.ceil(error.retry_after))),
        ) from error
    except (CancelPendingError, CancelUnderWayError) as error:
        raise Problem(
            503,
            "cancel-pending",
            "The outcome of the cancel is pending",
            f"Rental {rental_id} is being cancelled; look it up, or try again shortly.",
            Retry_After="2",
        ) from error


@router.get("/products", response_model=Page[ProductResource], tags=["products"])
async def list_products(request: Request, after: After = 0, size: Size = 20) -> Response:
    """List the products that rental knows."""
    found = await views.products(database(request).pool, after, size)
    return answer(page("/products", "products", [_product(v) for v in found], [v.id for v in found], size))


@router.get("/products/{product_id}", response_model=ProductResource, tags=["products"])
async def look_up_product(product_id: Id, request: Request) -> Response:
    """Look up what rental knows of a product."""
    view = await views.product(database(request).pool, product_id)
    if view is None:
        raise not_found("product", product_id)
    return answer(_product(view))


def _rental(rental: Rental | RentalView) -> RentalResource:
    own = f"/rentals/{rental.id}"
    links = {"self": link(own)}
    if rental.status in CANCELABLE:
        links["cancel"] = link(own, "DELETE")
    return RentalResource(
        links=links,
        id=rental.id,
        product_id=rental.product_id,
        product_name=rental.product_name,
        qty=rental.qty,
        status=Status(rental.status),
        delivery_id=rental.delivery_id,
    )


def _product(view: ProductView) -> ProductResource:
    links = {"self": link(f"/products/{view.id}")}
    return ProductResource(links=links, id=view.id, name=view.name, qty=view.qty)
