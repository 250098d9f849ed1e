"""The commands of `oa-rental`."""

import typer

from cli.demo import demo
from cli.doctor import doctor
from cli.reset import reset
from cli.up import up

app = typer.Typer(
    name="oa-rental",
    help="An office-automation rental company on one machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (up, demo, doctor, reset):
    app.command()(command)

if __name__ == "__main__":
    app()
