"""Facts announced by the product context; the key is the product's id."""

from shared_events.event import Event


class ProductSaved(Event):
    """A product was registered or revised. `qty` is the number of units it was registered with, for good."""

    product_id: int
    name: str
    qty: int


class StockAdjusted(Event):
    """The product team put units in (`delta` > 0) or took units out (`delta` < 0), and said why."""

    product_id: int
    delta: int
    reason: str
