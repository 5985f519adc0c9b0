"""What a service is told by its environment; nothing else tells it where it runs."""

import os
from datetime import datetime
from pathlib import Path
from typing import Literal, Self

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def env_prefix(prefix: str) -> SettingsConfigDict:
    """Read settings from `PREFIX_NAME`, or from files of that name in the folder that SECRETS_DIR names."""
    return SettingsConfigDict(env_prefix=prefix, secrets_dir=os.environ.get("SECRETS_DIR"), extra="ignore")


class KafkaSettings(BaseSettings):
    """How to reach Kafka."""

    kafka_bootstrap_servers: str
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    kafka_sasl_username: str | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_ssl_cafile: Path | None = None
    kafka_replication_factor: int = 1


class ServiceSettings(KafkaSettings):
    """What every service needs. Times are in seconds; tables in `database_schema` come before those in public."""

    database_url: SecretStr
    database_ssl: Literal["disable", "require", "verify-full"] = "disable"
    database_ssl_cafile: Path | None = None
    database_schema: str | None = None
    database_pool: int = 10
    database_timeout: float = 2.0
    issuer: str
    audience: str = "superwizja"
    allow_insecure_issuer: bool = False
    host: str = "127.0.0.1"
    port: int = 0
    build_id: str = "unknown"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    act_from: datetime | None = None
    body_limit: int = 1_048_576
    drain_timeout: int = 10
    stuck_after: float = 30.0
    keep_outbox_days: int | None = None

    @model_validator(mode="after")
    def issuer_is_safe(self) -> Self:
        """Tokens are only as good as the way to their issuer."""
        if not self.issuer.startswith("https://") and not self.allow_insecure_issuer:
            raise ValueError("ISSUER must be an https address, unless ALLOW_INSECURE_ISSUER=true (development only)")
        return self
