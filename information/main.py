"""The information service."""

from chassis.service import service
from information.api import router
from information.consumers import SUBSCRIPTIONS

app = service("information", [router], SUBSCRIPTIONS)
