"""What the delivery context listens to."""

from chassis.consumer import Subscriptions
from delivery import commands
from shared_events.product import ProductSaved, StockAdjusted
from shared_events.rental import RentalOrdered

SUBSCRIPTIONS: Subscriptions = {
    ProductSaved: commands.follow_products,
    StockAdjusted: commands.follow_products,
    RentalOrdered: commands.decide_orders,
}
