"""How the command line speaks."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from local.trouble import Trouble

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", help="Where the data is kept [OA_DATA_DIR].", file_okay=False, resolve_path=True
    ),
]


def standard_output() -> Console:
    """Write to standard output; lines are never broken where no terminal shows them."""
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


@contextmanager
def plain_errors() -> Iterator[None]:
    """End with one sentence and exit code 1 instead of a traceback."""
    try:
        yield
    except Trouble as trouble:
        typer.secho(f"oa-rental: {trouble}", err=True, fg=typer.colors.RED)
        raise typer.Exit(1) from None
