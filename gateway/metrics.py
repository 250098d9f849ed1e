"""What the gateway counts; served at /metrics."""

from functools import cache

from prometheus_client import Counter

_requests = Counter(
    "gateway_requests_total", "Requests passed on, by the status answered", ["service", "status"]
)


@cache
def _counter(service: str, status: int) -> Counter:
    return _requests.labels(service, str(status) if status else "gone")


def count(service: str, status: int) -> None:
    """Count a request; status 0 if the caller went away before it was answered."""
    _counter(service, status).inc()
