"""Makes .venv fit a lock, with nothing but the standard library.

Usage: python3 local/bootstrap.py requirements.lock
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
# Whoever has the developers' tools has everything that `up` needs, too.
SATISFIED_BY = {
    "requirements.lock": ("requirements.lock", "requirements-dev.lock"),
    "requirements-dev.lock": ("requirements-dev.lock",),
}


def main() -> None:
    """Install what is missing; do nothing at all when nothing changed."""
    lock = sys.argv[1]
    if sys.version_info < (3, 11):  # noqa: UP036 - this is the file that tells
        fail(
            "Python {}.{} is too old: install 3.11 or newer, or name one: make PYTHON=...".format(
                *sys.version_info
            )
        )
    if any(is_installed(each) for each in SATISFIED_BY[lock]):
        return
    if not same_python():
        shutil.rmtree(VENV, ignore_errors=True)
        if subprocess.call([sys.executable, "-m", "venv", str(VENV)]):
            fail(
                "Cannot create .venv: install Python's venv module (on Debian: apt-get install python3-venv)."
            )
    sys.stdout.write(f"Installing {lock} into .venv; the hash of each file is checked.\n")
    sys.stdout.flush()
    pip("--require-hashes", "--requirement", lock)
    pip("--no-deps", "--no-build-isolation", "--editable", ".")
    stamp(lock).write_text(digest(lock))


def same_python() -> bool:
    """Tell whether .venv still works and was made by this very Python."""
    question = "import sys; print(sys.version, sys.base_prefix)"
    try:
        answer = subprocess.run([python(), "-c", question], capture_output=True, text=True, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.stdout.strip() == f"{sys.version} {sys.base_prefix}"


def is_installed(lock: str) -> bool:
    return stamp(lock).exists() and stamp(lock).read_text() == digest(lock) and Path(python()).exists()


def digest(lock: str) -> str:
    """Sum up everything that an installation depends on."""
    content = (ROOT / lock).read_bytes() + (ROOT / "pyproject.toml").read_bytes() + sys.version.encode()
    return hashlib.sha256(content).hexdigest()


def stamp(lock: str) -> Path:
    return VENV / f"{lock}.installed"


def python() -> str:
    return str(VENV / "bin" / "python")


def pip(*arguments: str) -> None:
    """Run pip, whose own progress bar is on a terminal."""
    command = [python(), "-m", "pip", "install", "--disable-pip-version-check", *arguments]
    if not sys.stdout.isatty():
        command.append("--quiet")
    if subprocess.call(command, cwd=ROOT):
        fail("pip could not install it: check the network and pip's settings (proxy, mirror), and try again.")


def fail(sentence: str) -> None:
    sys.exit(f"oa-rental: {sentence}")


if __name__ == "__main__":
    main()
