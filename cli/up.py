"""`oa-rental up`: the whole system until Ctrl-C."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.banner import banner
from cli.console import DataDir, plain_errors, standard_output
from cli.progress import Progress
from local.settings import Settings, read_settings
from local.stack import SERVICES, Service, Stack

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Ephemeral = Annotated[
    bool, typer.Option("--ephemeral", help="Use a temporary directory, removed at the end.")
]


def up(data_dir: DataDir = None, ephemeral: Ephemeral = False) -> None:
    """Start everything; Ctrl-C stops everything."""
    with plain_errors():
        settings = read_settings()
        where = None if ephemeral else data_dir or settings.home
        asyncio.run(run(settings, where, standard_output()))


async def run(
    settings: Settings, data_dir: Path | None, console: Console, services: Sequence[Service] = SERVICES
) -> None:
    """Run the system until a signal; a second one stops the waiting."""
    began = time.monotonic()
    progress = Progress(console)
    stack = Stack(
        data_dir,
        settings.ports,
        services=services,
        admin_url=settings.admin_url,
        bootstrap=settings.kafka_bootstrap,
        report=progress,
    )
    asked = asyncio.Event()

    def stop() -> None:
        if asked.is_set():
            stack.hurry()
        asked.set()

    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        with progress:
            await _started(stack, asked)
        if not asked.is_set():
            console.print(banner(stack, time.monotonic() - began, ephemeral=data_dir is None))
            await asked.wait()
            console.print("Stopping; a second Ctrl-C does not wait for anything.")
    finally:
        await stack.stop()
    console.print(
        "Everything is stopped."
        if data_dir is None
        else f"Everything is stopped; the data stays in {data_dir}."
    )


async def _started(stack: Stack, asked: asyncio.Event) -> None:
    """Start the system, until it is ready or a signal comes."""
    starting = asyncio.create_task(stack.start())
    waiting = asyncio.create_task(asked.wait())
    await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not starting.done():
        starting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await starting
