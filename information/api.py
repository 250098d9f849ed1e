"""The information context over HTTP: how an order stands."""

from datetime import datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from chassis.hal import After, Id, Page, Resource, Size, answer, link, page
from chassis.problems import not_found
from chassis.service import database
from information import views
from information.views import MyOrder

router = APIRouter(prefix="/myOrders", tags=["myOrders"])


class Entry(BaseModel):
    """Something that happened to an order; `event` is the id of the event that told it."""

    what: str
    at: datetime
    event: str


class MyOrderResource(Resource):
    """How an order stands. What no event has told yet is null."""

    rental_id: int
    product_id: int | None
    product_name: str | None
    qty: int | None
    status: str
    delivery_id: int | None
    delivery_status: str | None
    ordered_at: datetime | None
    updated_at: datetime
    history: list[Entry]


@router.get("", response_model=Page[MyOrderResource])
async def list_my_orders(request: Request, after: After = 0, size: Size = 20) -> Response:
    """List orders."""
    found = await views.my_orders(database(request).pool, after, size)
    items = [_resource(order) for order in found]
    return answer(page("/myOrders", "myOrders", items, [order.rental_id for order in found], size))


@router.get("/{rental_id}", response_model=MyOrderResource)
async def look_up(rental_id: Id, request: Request) -> Response:
    """Tell how an order stands."""
    order = await views.my_order(database(request).pool, rental_id)
    if order is None:
        raise not_found("order", rental_id)
    return answer(_resource(order))


def _resource(order: MyOrder) -> MyOrderResource:
    return MyOrderResource(
        links={"self": link(f"/myOrders/{order.rental_id}"), "rental": link(f"/rentals/{order.rental_id}")},
        rental_id=order.rental_id,
        product_id=order.product_id,
        product_name=order.product_name,
        qty=order.qty,
        status=order.status,
        delivery_id=order.delivery_id,
        delivery_status=order.delivery_status,
        ordered_at=order.ordered_at,
        updated_at=order.updated_at,
        history=[Entry(what=entry.what, at=entry.at, event=entry.event) for entry in order.history],
    )
