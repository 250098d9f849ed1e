"""All measurements in miniature: each gives a sane figure. How good it is, `make bench` says."""

import math

from rich.console import Console

from benchmarks.run import MEASUREMENTS, measure
from benchmarks.scale import SHORT


async def test_every_measurement_gives_a_sane_figure() -> None:
    results = await measure(list(MEASUREMENTS), SHORT, Console(quiet=True))

    values = {figure.name: figure.value for figure in results.figures}
    assert not results.errors, f"orders that were not answered 201: {results.errors}"
    assert {name.split(":")[0] for name in values} == set(MEASUREMENTS)
    assert all(math.isfinite(value) and value > 0 for value in values.values()), values
    # Shares of the limit: nothing does more work in clearly less time.
    shares = [value for name, value in values.items() if name.startswith(("accept", "sustain"))]
    assert all(share < 1.5 for share in shares), values
