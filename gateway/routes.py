"""Which service owns which paths. A service's copies of another's products are not for the world."""

from collections.abc import Mapping

OWNERS: Mapping[str, str] = {
    "products": "product",
    "rentals": "rental",
    "deliveries": "delivery",
    "myOrders": "information",
}
SERVICES = tuple(OWNERS.values())


def owner_of(path: str) -> str | None:
    """Name the service that owns a path (decoded, as the owner will read it), if one does."""
    _, _, rest = path.partition("/")
    first, _, _ = rest.partition("/")
    return OWNERS.get(first)


def is_internal(path: str) -> bool:
    """Tell whether a path is for calls between services only."""
    parts = path.strip("/").split("/")
    return parts[0] == "deliveries" and parts[-1] == "cancellation"
