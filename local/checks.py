"""What a machine must have; `up` requires it and `oa-rental doctor` shows it."""

import shutil
from pathlib import Path

from local.trouble import Trouble

NEEDED_BYTES = 1 << 30


def require_disk_space(path: Path) -> str:
    """Raise one sentence when the disk is nearly full."""
    existing = next(each for each in (path, *path.parents) if each.exists())
    free = shutil.disk_usage(existing).free
    if free < NEEDED_BYTES:
        raise Trouble(
            f"Only {free / 1e9:.1f} GB are free at {existing}, and {NEEDED_BYTES / 1e9:.1f} GB are needed: "
            "delete something, or choose another disk with --data-dir or OA_DATA_DIR."
        )
    return f"{free / 1e9:.0f} GB free"
