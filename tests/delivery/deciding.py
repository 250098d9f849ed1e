"""What delivery hears and does, in short."""

from chassis.database import Database
from chassis.message import Message
from delivery import store
from delivery.domain.delivery import Delivery
from delivery.domain.stock import Stock
from shared_events.product import ProductSaved, StockAdjusted
from shared_events.rental import RentalOrdered
from tests.support.messages import told


def registered(units: int = 9, product_id: int = 5) -> Message[ProductSaved]:
    """Tell that a product was registered."""
    return told(ProductSaved(product_id=product_id, name="computer", qty=units), 1)


def adjusted(delta: int, version: int, product_id: int = 5) -> Message[StockAdjusted]:
    """Tell that units were put in or taken out."""
    return told(StockAdjusted(product_id=product_id, delta=delta, reason="counted again"), version)


def ordered(
    rental_id: int = 1, qty: int = 3, product_id: int = 5, *, known: bool = False
) -> Message[RentalOrdered]:
    """Tell that somebody ordered."""
    order = RentalOrdered(
        rental_id=rental_id, product_id=product_id, product_name="computer", qty=qty, product_known=known
    )
    return told(order, 1)


async def delivery(database: Database, rental_id: int = 1) -> Delivery:
    """Load a delivery."""
    async with database.transaction() as connection:
        return (await store.load_deliveries(connection, [rental_id]))[rental_id]


async def stock(database: Database, product_id: int = 5) -> Stock:
    """Load a stock."""
    async with database.transaction() as connection:
        return (await store.load_stocks(connection, [product_id]))[product_id]
