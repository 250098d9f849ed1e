"""What a person needs to know once everything runs."""

import os
import platform
from importlib.metadata import version

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from local.ports import HOST, Ports
from local.stack import Stack

USUAL_GATEWAY = f"http://{HOST}:{Ports().gateway}"


def banner(stack: Stack, seconds: float, *, ephemeral: bool) -> RenderableType:
    """List addresses, API documents, directories and versions, and say how to stop."""
    addresses = Table.grid(padding=(0, 2))
    for name, url in sorted(stack.urls.items(), key=lambda item: item[0] != "gateway"):
        addresses.add_row(f"  {name}", url, f"{url}/docs")
    addresses.add_row("  Kafka", stack.bootstrap, "")
    addresses.add_row("  PostgreSQL", stack.admin_url.rpartition("@")[2].partition("/")[0], "")
    facts = Table.grid(padding=(0, 2))
    kept = "temporary, removed at the end" if ephemeral else "stays; `make reset` deletes it"
    facts.add_row("  data", f"{stack.data_dir} ({kept})")
    facts.add_row("  logs", f"{next(iter(stack.logs.values())).parent}")
    versions = {**stack.versions, "Python": platform.python_version(), "OA Rental": version("oa-rental")}
    facts.add_row("  versions", ", ".join(f"{name} {number}" for name, number in versions.items()))
    gateway = stack.urls.get("gateway", USUAL_GATEWAY)
    facts.add_row("  try", "make demo" if gateway == USUAL_GATEWAY else f"make demo ARGS='--url {gateway}'")
    facts.add_row("  stop", f"Ctrl-C, or kill {os.getpid()}")
    title = Text(f"\nThe rental system is ready after {seconds:.1f} s.\n", style="bold green")
    return Group(title, addresses, "", facts, "")
