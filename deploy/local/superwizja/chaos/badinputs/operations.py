"""What the services say that they answer: the operations of their OpenAPI documents."""

from dataclasses import dataclass, field
from typing import Any

import aiohttp

from superwizja.runtime import SERVICES, Runtime

Schema = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One operation. `path` has the parameters in braces; `page` is one that people read and no document describes."""

    service: str
    method: str
    path: str
    parameters: dict[str, Schema] = field(default_factory=dict)
    queries: dict[str, Schema] = field(default_factory=dict)
    body: Schema | None = None
    page: bool = False

    @property
    def name(self) -> str:
        """How people name it."""
        return f"{self.method} {self.service}{self.path}"

    @property
    def prefix(self) -> str:
        """What stands before the path at the gateway."""
        return "" if self.page else f"/api/{self.service}"


PAGES = (
    Operation("publications", "GET", "/issues/{issue_id}", {"issue_id": {"format": "uuid"}}, page=True),
    Operation("insights", "GET", "/", queries={"programme": {}, "lang": {"enum": ["pl", "en"]}}, page=True),
    Operation("insights", "GET", "/callback", queries={"code": {}, "state": {}}, page=True),
    Operation("insights", "POST", "/logout", queries={"lang": {"enum": ["pl", "en"]}}, page=True),
)


async def operations(runtime: Runtime, http: aiohttp.ClientSession) -> list[Operation]:
    """Every operation that a service describes, and the pages; references in schemas are resolved."""
    found: list[Operation] = []
    for service in SERVICES:
        async with http.get(f"{runtime.api(service)}/openapi.json") as answer:
            answer.raise_for_status()
            document = await answer.json()
        for path, methods in sorted(document["paths"].items()):
            for method, described in sorted(methods.items()):
                found.append(_operation(service, method.upper(), path, described, document))
    return [*found, *PAGES]


def _operation(service: str, method: str, path: str, described: Schema, document: Schema) -> Operation:
    def named(place: str) -> dict[str, Schema]:
        parameters = described.get("parameters", [])
        return {each["name"]: resolved(each["schema"], document) for each in parameters if each["in"] == place}

    body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    whole = resolved(body, document) if body else None
    return Operation(service, method, path, named("path"), named("query"), whole)


def resolved(schema: Any, document: Schema) -> Any:
    """The schema with what it refers to in its place; the services' schemas do not contain themselves."""
    if isinstance(schema, list):
        return [resolved(each, document) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        named = schema["$ref"].rpartition("/")[2]
        return resolved(document["components"]["schemas"][named], document)
    return {name: resolved(each, document) for name, each in schema.items()}
