"""The product service."""

from chassis.service import service
from product.api import router
from product.consumers import SUBSCRIPTIONS

app = service("product", [router], SUBSCRIPTIONS)
