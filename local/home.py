"""One data directory: what is in it, who uses it now, and how it is deleted."""

import fcntl
import os
import shutil
import time
from pathlib import Path
from typing import Self

import psutil

from local.passwords import password
from local.paths import make_directory
from local.trouble import Trouble

MARK = "oa-rental.lock"  # also tells a directory of ours from one that only looks empty enough
PARTS = ("postgres", "kafka", "secrets", "logs")
SUCCESSION_SECONDS = 10
NEEDED_BYTES = 1 << 30


class Home:
    """The data of one system."""

    def __init__(self, path: Path) -> None:
        self.path = path = path.absolute()
        self.logs = path / "logs"
        self.postgres = path / "postgres"
        self.kafka = path / "kafka"
        self._lock = -1

    @property
    def lock(self) -> int:
        return self._lock

    def open(self) -> Self:
        """Create what is missing and lock it; raise one sentence when another system uses it."""
        self._require_ours()
        make_directory(self.path, 0o711)
        self._lock = self._acquire()
        for part in ("secrets", "logs"):
            make_directory(self.path / part, 0o700)
        for log in self.logs.glob("*.log"):
            log.replace(log.with_suffix(".log.1"))
        return self

    def close(self) -> None:
        """Let another system use it."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def secret(self, name: str) -> str:
        return password(self.path / "secrets", name)

    def require_space(self) -> str:
        """Raise one sentence when the disk is nearly full."""
        free = shutil.disk_usage(self._existing()).free
        if free < NEEDED_BYTES:
            raise Trouble(
                f"Only {free / 1e9:.1f} GB are free for {self.path}, {NEEDED_BYTES / 1e9:.1f} GB are needed: "
                "delete something, or choose another disk with --data-dir or OA_DATA_DIR."
            )
        return f"{free / 1e9:.0f} GB free"

    def require_usable(self) -> str:
        """Raise one sentence when the data could not be kept here; change nothing."""
        self._require_ours()
        if user := self.user():
            return f"{self.path}, used by the running oa-rental (process {user})"
        if not os.access(self._existing(), os.W_OK | os.X_OK):
            raise Trouble(f"{self.path} is not writable: choose another with --data-dir or OA_DATA_DIR.")
        return f"{self.path}"

    def require_unused(self) -> None:
        """Raise one sentence unless there is data that nobody uses now."""
        if not self.is_ours():
            raise Trouble(f"{self.path} holds no data of oa-rental: nothing to delete.")
        os.close(self._acquire())

    def delete(self) -> None:
        """Delete the data, and the directory when nothing else is in it; refuse while it is used."""
        self.require_unused()
        self._lock = self._acquire()
        try:
            for part in PARTS:
                shutil.rmtree(self.path / part, ignore_errors=True)
            (self.path / MARK).unlink()
            if not any(self.path.iterdir()):
                self.path.rmdir()
        finally:
            self.close()

    def is_ours(self) -> bool:
        return (self.path / MARK).exists()

    def user(self) -> int | None:
        """Find the process that uses this directory now."""
        if not self.is_ours():
            return None
        try:
            lock = self._try()
        except BlockingIOError:
            return self._holder()
        os.close(lock)
        return None

    def _existing(self) -> Path:
        return next(each for each in (self.path, *self.path.parents) if each.exists())

    def _require_ours(self) -> None:
        if self.path.is_dir() and not self.is_ours() and any(self.path.iterdir()):
            raise Trouble(
                f"{self.path} holds other files: choose an empty one with --data-dir or OA_DATA_DIR."
            )

    def _acquire(self) -> int:
        deadline = time.monotonic() + SUCCESSION_SECONDS
        while True:
            try:
                lock = self._try()
            except BlockingIOError:
                holder = self._holder()
                # A killed supervisor's guard keeps the lock while it ends what was left running.
                if not psutil.pid_exists(holder) and time.monotonic() < deadline:
                    time.sleep(0.1)
                    continue
                raise Trouble(
                    f"Another oa-rental (process {holder}) already uses {self.path}: stop it with Ctrl-C or "
                    f"`kill {holder}`, or choose another directory with --data-dir."
                ) from None
            except OSError as error:
                raise Trouble(
                    f"Cannot write to {self.path} ({error.strerror}): choose another --data-dir."
                ) from error
            os.truncate(lock, 0)
            os.write(lock, f"{os.getpid()}\n".encode())
            return lock

    def _try(self) -> int:
        lock = os.open(self.path / MARK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException:
            os.close(lock)
            raise
        return lock

    def _holder(self) -> int:
        text = (self.path / MARK).read_text().strip()
        return int(text) if text.isdecimal() else 0
