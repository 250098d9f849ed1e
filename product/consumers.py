"""What the product context listens to."""

from chassis.consumer import Subscriptions
from product import projections
from shared_events.delivery import StockChanged

SUBSCRIPTIONS: Subscriptions = {StockChanged: projections.copy_stock}
