"""A data directory: one user at a time, secrets that only their owner reads, and a careful deletion."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import local.home
from local.home import Home
from local.trouble import Trouble


def test_a_second_system_on_the_same_data_is_refused_by_the_first_ones_number(tmp_path: Path) -> None:
    first = Home(tmp_path / "data").open()
    with pytest.raises(Trouble, match=f"process {os.getpid()}"):
        Home(tmp_path / "data").open()
    assert Home(tmp_path / "data").user() == os.getpid()
    first.close()
    Home(tmp_path / "data").open().close()


def test_a_successor_waits_while_the_dead_ones_guard_still_holds_the_lock(tmp_path: Path) -> None:
    home = Home(tmp_path / "data").open()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (home.path / local.home.MARK).write_text(f"{ended.pid}\n")
    guard = subprocess.Popen(["/bin/sh", "-c", "read line"], stdin=subprocess.PIPE, pass_fds=[home.lock])
    home.close()
    assert Home(home.path).user() == ended.pid
    assert guard.stdin
    guard.stdin.close()
    Home(home.path).open().close()
    guard.wait()


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    home = Home(tmp_path / "data").open()
    secret = home.secret("rental")
    home.close()
    assert len(secret) >= 32
    assert Home(tmp_path / "data").secret("rental") == secret != home.secret("delivery")
    assert (home.path / "secrets" / "rental").stat().st_mode & 0o777 == 0o600
    assert (home.path / "secrets").stat().st_mode & 0o777 == 0o700


def test_logs_of_the_last_run_are_kept_beside_the_new_ones(tmp_path: Path) -> None:
    home = Home(tmp_path / "data").open()
    (home.logs / "rental.log").write_text("the last run")
    home.close()
    home.open().close()
    assert (home.logs / "rental.log.1").read_text() == "the last run"
    assert not (home.logs / "rental.log").exists()


def test_other_peoples_directories_are_neither_used_nor_deleted(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(Trouble, match="holds other files"):
        Home(tmp_path).open()
    with pytest.raises(Trouble, match="nothing to delete"):
        Home(tmp_path).delete()
    assert (tmp_path / "thesis.txt").exists()


def test_deletion_leaves_what_is_not_ours_and_waits_for_nobody(tmp_path: Path) -> None:
    home = Home(tmp_path / "data").open()
    home.secret("rental")
    (home.path / "notes.txt").write_text("mine")
    with pytest.raises(Trouble, match="already uses"):
        Home(home.path).delete()
    home.close()
    home.delete()
    assert [each.name for each in home.path.iterdir()] == ["notes.txt"]


def test_deletion_removes_an_empty_directory(tmp_path: Path) -> None:
    home = Home(tmp_path / "data").open()
    home.close()
    home.delete()
    assert not home.path.exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Trouble, match=r"Cannot create .*file/data.*--data-dir"):
        Home(tmp_path / "file" / "data").open()


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "data")
    assert "GB free" in home.require_space()
    monkeypatch.setattr(local.home, "NEEDED_BYTES", 1 << 60)
    with pytest.raises(Trouble, match=r"GB are free for .* are needed: delete something"):
        home.require_space()
