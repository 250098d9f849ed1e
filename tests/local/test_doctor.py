"""`oa-rental doctor` and `reset`: what they find, what they say, and their exit codes."""

import os
import socket
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

import local.home
from cli.doctor import doctor
from cli.reset import reset
from local.home import Home
from local.ports import HOST, Ports


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Give a command line on which only this test's own variables count."""
    for name in list(os.environ):
        if name.startswith("OA_"):
            monkeypatch.delenv(name)
    for name, port in vars(Ports.free()).items():
        monkeypatch.setenv(f"OA_PORT_{name.upper()}", str(port))
    return CliRunner()


def commands() -> Typer:
    app = Typer()
    app.command()(doctor)
    app.command()(reset)
    return app


def test_a_healthy_machine(runner: CliRunner, tmp_path: Path) -> None:
    result = runner.invoke(commands(), ["doctor", "--data-dir", str(tmp_path / "data")])
    assert result.exit_code == 0, result.output
    for check in ("Python", "data directory", "disk", "PostgreSQL", "Java", "Kafka"):
        assert f"ok  {check}" in result.output
    assert result.output.count("free for") == len(vars(Ports()))
    assert not (tmp_path / "data").exists()


def test_everything_wrong_is_told_at_once(
    runner: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "thesis.txt").touch()
    monkeypatch.setenv("OA_DATABASE_URL", "postgresql://admin:secret@127.0.0.1:1/postgres")
    monkeypatch.setenv("OA_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setattr(local.home, "NEEDED_BYTES", 1 << 60)
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("OA_PORT_RENTAL", str(port))
        result = runner.invoke(commands(), ["doctor", "--data-dir", str(tmp_path)])
    assert result.exit_code == 1
    for check in ("data directory", "disk", f"port {port}", "PostgreSQL", "Kafka"):
        assert f"no  {check}" in result.output
    for way_out in ("holds other files", "delete something", "OA_PORT_RENTAL", "OA_DATABASE_URL", "unset"):
        assert way_out in result.output
    assert "secret" not in result.output


def test_a_running_system_is_healthy(
    runner: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "data").open()
    with socket.create_server((HOST, 0)) as taken:
        monkeypatch.setenv("OA_PORT_RENTAL", str(taken.getsockname()[1]))
        result = runner.invoke(commands(), ["doctor", "--data-dir", str(home.path)])
    home.close()
    assert result.exit_code == 0, result.output
    assert f"used by the running oa-rental (process {os.getpid()})" in result.output


def test_a_wrong_variable_is_one_sentence(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OA_PORT_RENTAL", "eighty")
    result = runner.invoke(commands(), ["doctor"])
    assert result.exit_code == 1
    assert result.output.startswith("oa-rental: OA_PORT_RENTAL is not valid")


def test_reset_asks_first(runner: CliRunner, tmp_path: Path) -> None:
    home = Home(tmp_path / "data").open()
    home.close()
    arguments = ["reset", "--data-dir", str(home.path)]
    assert runner.invoke(commands(), arguments, input="n\n").exit_code == 1
    assert home.path.exists()
    assert runner.invoke(commands(), [*arguments, "--yes"]).exit_code == 0
    assert not home.path.exists()


def test_reset_refuses_while_the_data_is_used(runner: CliRunner, tmp_path: Path) -> None:
    home = Home(tmp_path / "data").open()
    result = runner.invoke(commands(), ["reset", "--yes", "--data-dir", str(home.path)])
    home.close()
    assert result.exit_code == 1
    assert f"process {os.getpid()}" in result.output
    assert (home.path / "secrets").exists()
