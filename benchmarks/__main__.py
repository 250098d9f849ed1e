"""`python -m benchmarks`: start the embedded stack, measure, print one table."""

import argparse
import asyncio
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from benchmarks.figures import as_markdown, on_screen, parts_of, write_between_markers
from benchmarks.run import MEASUREMENTS, measure
from benchmarks.scale import FULL, SHORT

DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--only", choices=MEASUREMENTS, help="one measurement")
    options.add_argument(
        "--short", action="store_true", help="see that all is measured; the figures say little"
    )
    options.add_argument("--write", action="store_true", help=f"write the table into {DOCUMENT.name}")
    given = options.parse_args()

    console = Console(width=None if sys.stdout.isatty() else 140)
    names = [given.only] if given.only else list(MEASUREMENTS)
    results = asyncio.run(measure(names, SHORT if given.short else FULL, console))

    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    title = f"{datetime.now(UTC):%Y-%m-%d}, {machine}; other processes used {results.neighbours:.0%} of it"
    refused = ", ".join(f"{status}: {orders}" for status, orders in results.errors.items())
    errors = f"Orders not answered 201: {refused}." if refused else "Every order was answered 201."
    console.print(on_screen(results.figures, title), *parts_of(results.figures), errors, sep="\n")
    if given.write:
        write_between_markers(DOCUMENT, as_markdown(results.figures, f"Measured {title}. {errors}"))


if __name__ == "__main__":
    main()
