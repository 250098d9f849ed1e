"""`python -m benchmarks`: start the embedded stack, measure, print one table."""

import argparse
import asyncio
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from rich.console import Console

from benchmarks.figures import as_markdown, on_screen, write_between_markers
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

    console = Console()
    names = [given.only] if given.only else list(MEASUREMENTS)
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    figures, errors = asyncio.run(measure(names, SHORT if given.short else FULL, console))

    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    title = f"{datetime.now(UTC):%Y-%m-%d}, {machine}"
    console.print(on_screen(figures, title))
    console.print(
        f"[bold red]orders not answered 201: {errors}" if errors else "every order was answered 201"
    )
    if given.write:
        write_between_markers(DOCUMENT, as_markdown(figures, f"Measured {title}."))


if __name__ == "__main__":
    main()
