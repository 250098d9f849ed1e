"""All that can be set from outside: environment variables `OA_*`, or files of that name in OA_SECRETS_DIR."""

import os
from functools import cache
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PORTS = {"gateway": 8080, "product": 8081, "rental": 8082, "delivery": 8083, "information": 8084}


class Settings(BaseSettings):
    """The settings of one service process; README.md lists them in one table."""

    model_config = SettingsConfigDict(env_prefix="OA_", secrets_dir=os.environ.get("OA_SECRETS_DIR"))

    host: str = "127.0.0.1"
    port: int | None = None
    database_url: SecretStr = SecretStr("")
    database_pool: int = Field(default=16, ge=2)
    kafka_bootstrap: str = "127.0.0.1:9092"
    kafka_partitions: int = Field(default=3, ge=1)
    kafka_replication: int = Field(default=1, ge=1)
    service_key: SecretStr = SecretStr("")
    product_url: str = f"http://127.0.0.1:{PORTS['product']}"
    rental_url: str = f"http://127.0.0.1:{PORTS['rental']}"
    delivery_url: str = f"http://127.0.0.1:{PORTS['delivery']}"
    information_url: str = f"http://127.0.0.1:{PORTS['information']}"
    log_format: str = Field(default="json", pattern="^(json|console)$")
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")
    cancel_timeout_ms: int = Field(default=610, ge=1)
    breaker_failures: int = Field(default=5, ge=1)
    breaker_reset_seconds: float = Field(default=30, gt=0)
    reconcile_seconds: float = Field(default=2, gt=0)
    grace_seconds: float = Field(default=2, ge=0)
    inbox_retention_days: float = Field(default=7, gt=0)

    @model_validator(mode="after")
    def _an_attempt_ends_before_the_next(self) -> Self:
        if self.reconcile_seconds * 1000 < 2 * self.cancel_timeout_ms:
            raise ValueError("OA_RECONCILE_SECONDS must be at least twice OA_CANCEL_TIMEOUT_MS")
        return self


@cache
def settings() -> Settings:
    """Read the settings once for this process."""
    return Settings()
