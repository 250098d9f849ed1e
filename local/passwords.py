"""Secrets that belong to one data directory: made once, kept in files that only their owner can read."""

import os
import secrets
from pathlib import Path

BYTES = 32


def password(directory: Path, name: str) -> str:
    """Read a secret, or make it at its first use."""
    path = directory / name
    if not path.exists():
        unfinished = path.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(BYTES))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    return path.read_text().strip()
