"""`oa-rental up` with stand-ins for the services; everything else in it is the real thing."""

import asyncio
import sys
from pathlib import Path

from cli.console import plain_errors, standard_output
from cli.up import run
from local.settings import read_settings
from tests.local.stand_ins import stand_ins


def main() -> None:
    """Run until a signal; the only argument is the data directory."""
    with plain_errors():
        services = stand_ins("product", "rental", "gateway")
        asyncio.run(run(read_settings(), Path(sys.argv[1]), standard_output(), services))


if __name__ == "__main__":
    main()
