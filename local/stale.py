"""A pid file that outlived its server: after a reboot its number may belong to any other process."""

from pathlib import Path

import psutil


def remove_stale_pid_file(path: Path, program: str) -> None:
    """Remove the file unless a process of that name still has its number (the server then says so itself)."""
    try:
        pid = int(path.read_text().splitlines()[0])
        alive = psutil.Process(pid).name() == program
    except FileNotFoundError:
        return
    except (psutil.Error, ValueError, IndexError):
        alive = False
    if not alive:
        path.unlink(missing_ok=True)
