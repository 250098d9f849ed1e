"""What `up` can be told from outside, as OA_ variables or files in OA_SECRETS_DIR."""

import os
from dataclasses import asdict
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from local.paths import data_directory
from local.ports import Ports
from local.trouble import Trouble

# Behind OA_PORT_BASE, with room for more services before the servers.
OFFSETS = {
    "gateway": 0, "product": 1, "rental": 2, "delivery": 3, "information": 4,
    "postgres": 10, "kafka": 12, "controller": 13,
}  # fmt: skip


def _port() -> int | None:
    return Field(default=None, ge=1, le=65_535)


class Settings(BaseSettings):
    """The settings of one system on one machine."""

    model_config = SettingsConfigDict(
        env_prefix="OA_", env_ignore_empty=True, secrets_dir=os.environ.get("OA_SECRETS_DIR")
    )

    data_dir: Path | None = None
    database_url: SecretStr | None = None
    kafka_bootstrap: str | None = None
    port_base: int | None = Field(default=None, ge=1, le=65_000)
    port_gateway: int | None = _port()
    port_product: int | None = _port()
    port_rental: int | None = _port()
    port_delivery: int | None = _port()
    port_information: int | None = _port()
    port_postgres: int | None = _port()
    port_kafka: int | None = _port()
    port_controller: int | None = _port()

    @property
    def ports(self) -> Ports:
        """Each port: its own variable, else its place behind the base, else the usual one."""
        usual = asdict(Ports())
        base = {name: self.port_base + offset for name, offset in OFFSETS.items()} if self.port_base else {}
        own = {name: port for name in usual if (port := getattr(self, f"port_{name}"))}
        chosen = usual | base | own
        if len(set(chosen.values())) < len(chosen):
            raise Trouble(
                "Two processes have the same port: check OA_PORT_BASE and the other OA_PORT_ variables."
            )
        return Ports(**chosen)

    @property
    def home(self) -> Path:
        """Where the data is."""
        return self.data_dir.expanduser().absolute() if self.data_dir else data_directory()

    @property
    def admin_url(self) -> str | None:
        return self.database_url.get_secret_value() if self.database_url else None


def read_settings() -> Settings:
    """Read them, or say in one sentence which one is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"OA_{first['loc'][0]}".upper()
        raise Trouble(f"{name} is not valid: {first['msg']} (it is {first['input']!r}).") from error
