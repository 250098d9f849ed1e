"""How the command line speaks."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from local.trouble import Trouble

PLAIN_WIDTH = 200

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", help="Where the data is kept [OA_DATA_DIR].", file_okay=False, resolve_path=True
    ),
]


def standard_output() -> Console:
    """Write to standard output, with long lines where no terminal would break them."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)


@contextmanager
def plain_errors() -> Iterator[None]:
    """End with one sentence and exit code 1 instead of a traceback."""
    try:
        yield
    except Trouble as trouble:
        typer.secho(f"oa-rental: {trouble}", err=True, fg=typer.colors.RED)
        sys.exit(1)
