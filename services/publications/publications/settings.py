"""What publications is told by its environment, as PUBLICATIONS_*."""

from typing import Annotated

from chassis.settings import ServiceSettings, env_prefix
from pydantic import AfterValidator, HttpUrl, TypeAdapter

_address = TypeAdapter(HttpUrl)


def _without_a_slash(address: str) -> str:
    _address.validate_python(address)
    return address.rstrip("/")


class Settings(ServiceSettings):
    """`public_url` is the address under which readers find the pages: an issue's is `public_url`/issues/<id>."""

    model_config = env_prefix("PUBLICATIONS_")

    public_url: Annotated[str, AfterValidator(_without_a_slash)]

    def address_of(self, issue_id: object) -> str:
        """Where an issue is read."""
        return f"{self.public_url}/issues/{issue_id}"
