"""How much is measured: enough for a figure to stand on, or just enough to see that everything measures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    products: int
    warm_up_seconds: float
    accept_rounds: int
    accept_seconds: float
    sustain_limit_rounds: int
    sustain_seconds: float
    settle_orders: int
    latency_samples: int
    idle_seconds: float


FULL = Scale(
    products=100,
    warm_up_seconds=5,
    accept_rounds=7,
    accept_seconds=5,
    sustain_limit_rounds=3,
    sustain_seconds=60,
    settle_orders=20_000,
    latency_samples=100,
    idle_seconds=30,
)
SHORT = Scale(
    products=10,
    warm_up_seconds=0.5,
    accept_rounds=1,
    accept_seconds=0.5,
    sustain_limit_rounds=1,
    sustain_seconds=3,
    settle_orders=300,
    latency_samples=5,
    idle_seconds=2,
)
