"""The rental service."""

from chassis.service import service
from rental.api import router
from rental.cancellation import reconcile
from rental.consumers import SUBSCRIPTIONS

app = service(
    "rental",
    [router],
    SUBSCRIPTIONS,
    {"reconciler": reconcile},
    calls=["delivery"],
    has_service_key=True,
)
