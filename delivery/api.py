"""The delivery context over HTTP: look-ups for everyone, and rental's cancel."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from chassis.credentials import InvalidCredential, verify
from chassis.fields import Body
from chassis.hal import After, Id, Page, Resource, Size, answer, link, page
from chassis.problems import Problem, not_found
from chassis.service import database, runtime
from delivery import commands, views
from delivery.domain.delivery import Delivery, NothingToCancelError, Status
from delivery.views import DeliveryView, StockView

log = structlog.get_logger()

router = APIRouter()
bearer = HTTPBearer(auto_error=False, description="a token of rental's, signed with OA_SERVICE_KEY")


class DeliveryResource(Resource):
    """A delivery. `id` is also the rental's; a tombstone has no product."""

    id: int
    rental_id: int
    product_id: int | None
    qty: int
    status: Status


class ProductResource(Resource):
    """A product's stock. `qty` units can be rented now, `out` are with customers, `total` are owned."""

    id: int
    name: str
    qty: int
    out: int
    total: int


class Cancellation(Body):
    """Rental's wish, with the id of its attempt."""

    cancel_id: UUID


async def only_rental(
    request: Request, credential: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> None:
    """Let rental pass: whoever could cancel here could plant tombstones for orders to come."""
    key = runtime(request).settings.service_key.get_secret_value()
    try:
        token = credential.credentials if credential else ""
        verify(key, token, audience="delivery", issuers={"rental"}, now=datetime.now(UTC))
    except InvalidCredential as error:
        raise Problem(
            401,
            "not-rental",
            "Not allowed",
            "Only the rental service cancels deliveries; customers cancel their rental.",
            WWW_Authenticate="Bearer",
        ) from error


@router.get("/deliveries", response_model=Page[DeliveryResource], tags=["deliveries"])
async def list_deliveries(request: Request, after: After = 0, size: Size = 20) -> Response:
    """List deliveries."""
    found = await views.deliveries(database(request).pool, after, size)
    items = [_delivery(view) for view in found]
    return answer(page("/deliveries", "deliveries", items, [view.id for view in found], size))


@router.get("/deliveries/{delivery_id}", response_model=DeliveryResource, tags=["deliveries"])
async def look_up(delivery_id: Id, request: Request) -> Response:
    """Look a delivery up."""
    view = await views.delivery(database(request).pool, delivery_id)
    if view is None:
        raise not_found("delivery", delivery_id)
    return answer(_delivery(view))


@router.put(
    "/deliveries/{delivery_id}/cancellation",
    response_model=DeliveryResource,
    dependencies=[Depends(only_rental)],
    tags=["deliveries"],
)
async def cancel(delivery_id: Id, body: Cancellation, request: Request) -> Response:
    """Cancel the delivery of a rental, known here or not; again is the same success."""
    log.info("rental cancels", delivery_id=delivery_id, cancel_id=str(body.cancel_id))
    try:
        return answer(_delivery(await commands.cancel(database(request), delivery_id)))
    except NothingToCancelError as error:
        raise Problem(
            409, "nothing-to-cancel", "Nothing to cancel", f"Order {delivery_id} was refused."
        ) from error


@router.get("/products", response_model=Page[ProductResource], tags=["products"])
async def list_stocks(request: Request, after: After = 0, size: Size = 20) -> Response:
    """List the products with their stock."""
    found = await views.stocks(database(request).pool, after, size)
    return answer(
        page("/products", "products", [_stock(view) for view in found], [v.id for v in found], size)
    )


@router.get("/products/{product_id}", response_model=ProductResource, tags=["products"])
async def look_up_stock(product_id: Id, request: Request) -> Response:
    """Look up the stock of a product."""
    view = await views.stock(database(request).pool, product_id)
    if view is None:
        raise not_found("product", product_id)
    return answer(_stock(view))


def _delivery(delivery: Delivery | DeliveryView) -> DeliveryResource:
    return DeliveryResource(
        links={"self": link(f"/deliveries/{delivery.id}")},
        id=delivery.id,
        rental_id=delivery.id,
        product_id=delivery.product_id,
        qty=delivery.qty,
        status=Status(delivery.status),
    )


def _stock(view: StockView) -> ProductResource:
    links = {"self": link(f"/products/{view.id}")}
    return ProductResource(
        links=links, id=view.id, name=view.name, qty=view.available, out=view.out, total=view.total
    )
