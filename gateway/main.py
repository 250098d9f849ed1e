"""The gateway: one address for the world, in front of the services."""

from chassis.settings import settings
from gateway.application import gateway

app = gateway(settings())
