"""What the service is told by its environment."""

from chassis.settings import ServiceSettings, env_prefix


class Settings(ServiceSettings):
    """Read from TRAININGS_*."""

    model_config = env_prefix("TRAININGS_")
