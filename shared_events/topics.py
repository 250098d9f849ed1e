"""Which event travels in which topic, about which aggregate, under which key: the one table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared_events.delivery import (
    Delivered,
    DeliveryCanceled,
    OutOfStockRentalCanceled,
    StockChanged,
    UnregisteredProductRentalCanceled,
)
from shared_events.event import Event
from shared_events.product import ProductSaved, StockAdjusted
from shared_events.rental import RentalCanceled, RentalOrdered

PRODUCT_EVENTS = "product.events"
RENTAL_EVENTS = "rental.events"
DELIVERY_EVENTS = "delivery.events"


@dataclass(frozen=True)
class Route:
    """Where an event goes. Its subject is `aggregate/key`; versions count up by one per subject."""

    topic: str
    aggregate: str
    key: Callable[[Any], int]


_product = Route(PRODUCT_EVENTS, "products", lambda event: event.product_id)
_rental = Route(RENTAL_EVENTS, "rentals", lambda event: event.rental_id)
_delivery = Route(DELIVERY_EVENTS, "deliveries", lambda event: event.rental_id)
_stock = Route(DELIVERY_EVENTS, "stocks", lambda event: event.product_id)

ROUTES: dict[type[Event], Route] = {
    ProductSaved: _product,
    StockAdjusted: _product,
    RentalOrdered: _rental,
    RentalCanceled: _rental,
    Delivered: _delivery,
    OutOfStockRentalCanceled: _delivery,
    UnregisteredProductRentalCanceled: _delivery,
    DeliveryCanceled: _delivery,
    StockChanged: _stock,
}

EVENT_TYPES: dict[str, type[Event]] = {event_type.__name__: event_type for event_type in ROUTES}


def topic_of(event_type: type[Event]) -> str:
    """Name the topic that an event type travels in."""
    return ROUTES[event_type].topic
