"""`oa-rental doctor`: everything that `up` needs, checked one by one."""

import typer
from rich.table import Column, Table

from cli.console import DataDir, plain_errors, standard_output
from local.checks import machine_checks
from local.settings import read_settings
from local.trouble import Trouble


def doctor(data_dir: DataDir = None) -> None:
    """Check what this machine needs, and say what to do about what is missing."""
    with plain_errors():
        settings = read_settings()
        checks = machine_checks(settings, data_dir or settings.home)
    table = Table("", "check", Column("finding", overflow="fold"), box=None, pad_edge=False)
    healthy = True
    for name, check in checks:
        try:
            table.add_row("[green]ok[/]", name, check())
        except Trouble as trouble:
            healthy = False
            table.add_row("[red]no[/]", name, str(trouble))
    standard_output().print(table)
    if not healthy:
        raise typer.Exit(1)
