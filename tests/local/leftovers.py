"""Which processes still belong to a system, whoever started them."""

import contextlib
from pathlib import Path

import psutil


def leftovers(directory: Path) -> list[str]:
    """Find the processes that were told this directory, by their arguments or by their log."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            command = " ".join(process.cmdline())
            files = [file.path for file in process.open_files()]
            if any(text.startswith(str(directory)) or f"{directory}/" in text for text in (command, *files)):
                found.append(f"{process.pid} {command}")
    return found
