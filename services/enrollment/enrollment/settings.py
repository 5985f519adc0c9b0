"""What enrollment is told by its environment: `ENROLLMENT_` and the name."""

from chassis.settings import ServiceSettings, env_prefix


class Settings(ServiceSettings):
    """Nothing but what every service needs."""

    model_config = env_prefix("ENROLLMENT_")
