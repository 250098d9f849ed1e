"""Facts announced by the delivery context.

The key is the rental's id, and for `StockChanged` the product's.
"""

from shared_events.event import Event


class Delivered(Event):
    """Stock was taken and the delivery made."""

    delivery_id: int
    rental_id: int
    product_id: int
    qty: int


class OutOfStockRentalCanceled(Event):
    """Compensation: there was not enough stock, so the order does not stand."""

    rental_id: int
    product_id: int
    qty: int
    available: int


class UnregisteredProductRentalCanceled(Event):
    """Compensation: nobody registered that product, so the order does not stand."""

    rental_id: int
    product_id: int
    qty: int


class DeliveryCanceled(Event):
    """The delivery was undone and `qty` units given back; 0 where the cancel came before the order."""

    delivery_id: int
    rental_id: int
    product_id: int | None
    qty: int


class StockChanged(Event):
    """The stock after a change: `total` units owned, `out` with customers, `available` to rent."""

    product_id: int
    total: int
    out: int
    available: int
