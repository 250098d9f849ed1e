"""The user that PostgreSQL runs as, since it refuses to run as root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from local.trouble import Trouble


@dataclass(frozen=True)
class Account:
    """A user without rights, by number."""

    name: str
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Hand a directory of ours to this user."""
        os.chown(path, self.uid, self.gid)

    def can(self, *command: str) -> bool:
        """Try a command as this user: the only check that knows every rule of a file system."""
        try:
            done = subprocess.run(
                command,
                user=self.uid,
                group=self.gid,
                extra_groups=[],
                cwd="/",
                capture_output=True,
                check=False,
            )
        except OSError:
            return False
        return done.returncode == 0


def unprivileged(data: Path | None = None) -> Account | None:
    """Find the user to become when this process is root: above all the one who owns the data already."""
    if os.geteuid() != 0:
        return None
    if data and data.exists() and (owner := data.stat().st_uid):
        entry = pwd.getpwuid(owner)
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise Trouble(
        "PostgreSQL refuses to run as root and there is no user 'postgres' or 'nobody': run as another user."
    )
