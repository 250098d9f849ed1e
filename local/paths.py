"""Where data and downloads live when nobody says otherwise."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.trouble import Trouble

NAME = "oa-rental"


def data_directory() -> Path:
    """Find this user's data; root's is outside /root, where PostgreSQL's own user can reach it."""
    if os.geteuid() == 0:
        return Path("/var/lib") / NAME
    return _xdg("XDG_DATA_HOME", ".local/share")


def cache_directory() -> Path:
    """Find what can be downloaded or copied again at any time."""
    if os.geteuid() == 0:
        return Path("/var/cache") / NAME
    return _xdg("XDG_CACHE_HOME", ".cache")


def _xdg(variable: str, default: str) -> Path:
    home = os.environ.get(variable, "")
    return (Path(home) if Path(home).is_absolute() else Path.home() / default) / NAME


def make_directory(path: Path, mode: int = 0o755) -> Path:
    """Create a directory, or say in one sentence why not; one that is there already keeps its mode."""
    try:
        new = not path.exists()
        path.mkdir(parents=True, exist_ok=True)
        if new:
            path.chmod(mode)
    except OSError as error:
        raise Trouble(
            f"Cannot create {path} ({error.strerror}): choose another place with --data-dir or OA_DATA_DIR."
        ) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise Trouble(f"{path} is not writable: choose another place with --data-dir or OA_DATA_DIR.")
    return path


def temporary_path() -> Path:
    """Name a directory that does not exist yet."""
    return Path(tempfile.gettempdir()) / f"{NAME}-{secrets.token_hex(8)}"


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """Make a directory that PostgreSQL's own user can enter too, and remove it at the end."""
    path = temporary_path()
    try:
        yield make_directory(path, 0o711)
    finally:
        shutil.rmtree(path, ignore_errors=True)
