"""The command line: `oa-rental up`, `demo`, `doctor`, `reset`."""

import sys


def run() -> None:
    """Run `oa-rental`; Ctrl-C while it is still loading is no crash."""
    try:
        from cli.main import app  # noqa: PLC0415 - this is the loading

        app()
    except KeyboardInterrupt:
        sys.exit(130)
