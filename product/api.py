"""The product context over HTTP: the catalogue."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from chassis.fields import Body, Name, Quantity, WholeNumber
from chassis.hal import After, Id, Page, Resource, Size, answer, link, page
from chassis.problems import Problem, not_found
from chassis.service import database
from product import commands, views
from product.domain.product import AdjustStock, NotThatManyUnitsError, Revise
from product.views import ProductView

router = APIRouter(prefix="/products", tags=["products"])


class NewProduct(Body):
    """A product to register."""

    name: Name = Field(examples=["computer"])
    qty: Quantity = 10


class Revision(Body):
    """What can be revised."""

    name: Name = Field(examples=["notebook"])


class Adjustment(Body):
    """Units put in (positive) or taken out (negative), and why."""

    delta: Annotated[WholeNumber, Field(ge=-1_000_000, le=1_000_000)] = Field(examples=[-2])
    reason: Name = Field(examples=["two units broke"])


class ProductResource(Resource):
    """A product of the catalogue."""

    id: int
    name: str
    qty: int


@router.post("", status_code=201, response_model=ProductResource)
async def register(body: NewProduct, request: Request) -> Response:
    """Register a product."""
    product = await commands.register(database(request), body.name, body.qty)
    view = ProductView(id=product.id, name=product.name, qty=product.initial_qty)
    return answer(_resource(view), 201, location=f"/products/{product.id}")


@router.get("", response_model=Page[ProductResource])
async def browse(request: Request, after: After = 0, size: Size = 20) -> Response:
    """Browse the catalogue."""
    found = await views.products(database(request).pool, after, size)
    return answer(page("/products", "products", [_resource(v) for v in found], [v.id for v in found], size))


@router.get("/{product_id}", response_model=ProductResource)
async def look_up(product_id: Id, request: Request) -> Response:
    """Look a product up."""
    return answer(await _current(request, product_id))


@router.patch("/{product_id}", response_model=ProductResource)
async def revise(product_id: Id, body: Revision, request: Request) -> Response:
    """Give a product another name."""
    try:
        await commands.change(database(request), product_id, Revise(name=body.name))
    except LookupError as error:
        raise not_found("product", product_id) from error
    return answer(await _current(request, product_id))


@router.post("/{product_id}/stock-adjustments", status_code=202, response_model=ProductResource)
async def adjust_stock(product_id: Id, body: Adjustment, request: Request) -> Response:
    """Put units in or take them out. Delivery judges the stock, so `qty` shows it a moment later."""
    if body.delta == 0:
        raise Problem(422, "invalid-request", "The request is not valid", "delta: must not be 0")
    command = AdjustStock(delta=body.delta, reason=body.reason)
    try:
        await commands.change(database(request), product_id, command)
    except LookupError as error:
        raise not_found("product", product_id) from error
    except NotThatManyUnitsError as error:
        detail = f"The company owns {error.units} units of product {product_id}."
        raise Problem(409, "not-that-many-units", "Not that many units", detail) from error
    return answer(await _current(request, product_id), 202)


async def _current(request: Request, product_id: int) -> ProductResource:
    view = await views.product(database(request).pool, product_id)
    if view is None:
        raise not_found("product", product_id)
    return _resource(view)


def _resource(view: ProductView) -> ProductResource:
    own = f"/products/{view.id}"
    links = {
        "self": link(own),
        "revise": link(own, "PATCH"),
        "adjustStock": link(f"{own}/stock-adjustments", "POST"),
    }
    return ProductResource(links=links, id=view.id, name=view.name, qty=view.qty)
