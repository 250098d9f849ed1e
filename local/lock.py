"""Resolves every dependency again, Python's with uv and Kafka's with Maven, and writes down their hashes."""

import hashlib
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KAFKA = ROOT / "local" / "kafka"
LOCKS = {
    "requirements.lock": ("--extra", "local", "--group", "build", "--no-dev"),
    "requirements-dev.lock": ("--extra", "local", "--group", "dev"),
    "requirements-service.lock": ("--no-dev",),
}


def main() -> None:
    """Write all locks."""
    with tempfile.TemporaryDirectory() as directory:
        python_locks(Path(directory) / "venv")
        kafka_lock(Path(directory) / "jars")


def python_locks(environment: Path) -> None:
    """Resolve with uv, which pip brings into a virtual environment of its own."""
    venv.create(environment, with_pip=True)
    subprocess.run([environment / "bin" / "python", "-m", "pip", "install", "--quiet", "uv"], check=True)
    uv = environment / "bin" / "uv"
    subprocess.run([uv, "lock", "--upgrade", "--python", sys.executable], cwd=ROOT, check=True)
    for lock, choice in LOCKS.items():
        export = ("export", "--quiet", "--frozen", "--no-emit-project", *choice, "--output-file", lock)
        subprocess.run([uv, *export], cwd=ROOT, check=True)


def kafka_lock(jars: Path) -> None:
    """Let Maven fetch what the pom asks for, and note what came."""
    copy = ("dependency:copy-dependencies", f"-DoutputDirectory={jars}", "-DincludeScope=runtime")
    subprocess.run(["mvn", "--batch-mode", "--quiet", "--strict-checksums", *copy], cwd=KAFKA, check=True)
    lines = [
        f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {jar.name}\n" for jar in sorted(jars.glob("*.jar"))
    ]
    (KAFKA / "jars.sha256").write_text("".join(lines))


if __name__ == "__main__":
    main()
