"""What the environment tells the service, by variables that begin with SESSIONS_."""

from chassis.settings import ServiceSettings, env_prefix


class Settings(ServiceSettings):
    """The settings of this service: those that every service has."""

    model_config = env_prefix("SESSIONS_")
