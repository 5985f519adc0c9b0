"""What the service is told by its environment."""

from chassis.settings import ServiceSettings, env_prefix
from pydantic import SecretStr


class Settings(ServiceSettings):
    """Read from INSIGHTS_*. `public_url` is the address in front of everything, where people come to the page."""

    model_config = env_prefix("INSIGHTS_")

    database_schema: str | None = "live"
    public_url: str = "http://127.0.0.1"
    oidc_client_id: str = "insights"
    oidc_client_secret: SecretStr = SecretStr("")
    session_secret: SecretStr = SecretStr("")
