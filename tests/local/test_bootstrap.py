"""The virtual environment follows its lock, and nothing is installed twice."""

import sys
from pathlib import Path

import pytest

from local import bootstrap


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A project directory in which installing is only written down."""
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        (tmp_path / name).write_text(name)
    done: list[str] = []
    monkeypatch.setattr(bootstrap, "pip", lambda *arguments: done.append(" ".join(arguments)))

    def create(command: list[str]) -> int:
        done.append("venv")
        (tmp_path / ".venv" / "bin").mkdir(parents=True)
        (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
        return int("venv" not in command)

    monkeypatch.setattr("subprocess.call", create)
    return done


def install(monkeypatch: pytest.MonkeyPatch, lock: str) -> None:
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", lock])
    bootstrap.main()


def test_once_is_enough(calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "requirements.lock")
    assert calls[0] == "venv"
    assert calls[1] == "--require-hashes --requirement requirements.lock"
    install(monkeypatch, "requirements.lock")
    assert len(calls) == 3


def test_a_changed_lock_is_installed(
    calls: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install(monkeypatch, "requirements.lock")
    calls.clear()
    (tmp_path / "requirements.lock").write_text("something newer")
    install(monkeypatch, "requirements.lock")
    assert "--require-hashes --requirement requirements.lock" in calls


def test_the_developers_tools_serve_up_too(calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "requirements-dev.lock")
    calls.clear()
    install(monkeypatch, "requirements.lock")
    assert calls == []


def test_up_alone_does_not_serve_the_tests(calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "requirements.lock")
    calls.clear()
    install(monkeypatch, "requirements-dev.lock")
    assert "--require-hashes --requirement requirements-dev.lock" in calls


def test_an_old_python_is_told_so(calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"Python 3\.9 is too old: install 3\.11 or newer"):
        install(monkeypatch, "requirements.lock")
    assert calls == []
