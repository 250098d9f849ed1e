"""Facts announced by the rental context; the key is the rental's id."""

from shared_events.event import Event


class RentalOrdered(Event):
    """A customer ordered `qty` units. `product_known`: rental had heard of the product by then."""

    rental_id: int
    product_id: int
    product_name: str | None
    qty: int
    product_known: bool


class RentalCanceled(Event):
    """The customer's cancel stands: delivery gave its stock back, or never took any."""

    rental_id: int
    product_id: int
    qty: int
