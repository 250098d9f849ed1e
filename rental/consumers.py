"""What the rental context listens to."""

from chassis.consumer import Subscriptions
from rental import commands, projections
from shared_events.delivery import (
    Delivered,
    DeliveryCanceled,
    OutOfStockRentalCanceled,
    StockChanged,
    UnregisteredProductRentalCanceled,
)
from shared_events.product import ProductSaved

SUBSCRIPTIONS: Subscriptions = {
    ProductSaved: projections.copy_products,
    StockChanged: projections.copy_stock,
    Delivered: commands.follow_delivery,
    OutOfStockRentalCanceled: commands.follow_delivery,
    UnregisteredProductRentalCanceled: commands.follow_delivery,
    DeliveryCanceled: commands.follow_delivery,
}
