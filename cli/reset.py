"""`oa-rental reset`: delete the data."""

from typing import Annotated

import typer

from cli.console import DataDir, plain_errors
from local.home import Home
from local.settings import read_settings

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def reset(data_dir: DataDir = None, yes: Yes = False) -> None:
    """Delete all data of the system; it must not be running."""
    with plain_errors():
        home = Home(data_dir or read_settings().home)
        home.require_unused()
        if not yes:
            typer.confirm(f"Delete all products, rentals, deliveries and events in {home.path}?", abort=True)
        home.delete()
        typer.echo(f"Deleted the data in {home.path}.")
