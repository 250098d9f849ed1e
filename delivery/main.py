"""The delivery service."""

from chassis.service import service
from delivery.api import router
from delivery.consumers import SUBSCRIPTIONS
from delivery.grace import end_grace

app = service("delivery", [router], SUBSCRIPTIONS, {"grace": end_grace}, has_service_key=True)
