"""What the information context listens to."""

from chassis.consumer import Subscriptions
from information.projections import follow_orders
from shared_events.delivery import (
    Delivered,
    DeliveryCanceled,
    OutOfStockRentalCanceled,
    UnregisteredProductRentalCanceled,
)
from shared_events.rental import RentalCanceled, RentalOrdered

SUBSCRIPTIONS: Subscriptions = {
    RentalOrdered: follow_orders,
    RentalCanceled: follow_orders,
    Delivered: follow_orders,
    OutOfStockRentalCanceled: follow_orders,
    UnregisteredProductRentalCanceled: follow_orders,
    DeliveryCanceled: follow_orders,
}
