"""A request as it is sent, and the draft that mutations work on."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from superwizja.chaos.badinputs.operations import Operation

NOTHING = object()
"""No body at all."""

SHOWN = 3000
"""Bytes of a body that a defect keeps."""

LARGEST = 3_000_000
"""Bytes of a body at most: more would only make this slow."""

INSTEAD = "@instead of this@"
"""Stands in a body for JSON that no value of Python is written as."""


@dataclass(frozen=True)
class Request:
    """Bytes for the wire. `odd` where the message itself may be no HTTP: the server may close without an answer.

    `cut`: it may promise more than comes, so that the server must be told that nothing more does.
    """

    kind: str
    operation: Operation
    method: str
    head: bytes
    body: bytes
    odd: bool = False
    cut: bool = False

    def told(self) -> dict[str, str]:
        """What reproduces it, as JSON."""
        cut = self.body[:SHOWN]
        return {
            "kind": self.kind,
            "operation": self.operation.name,
            "head": self.head.decode("latin-1"),
            "body": cut.decode("utf-8") if _is_text(cut) else f"base64:{base64.b64encode(cut).decode()}",
            "bytes": str(len(self.body)),
        }


@dataclass
class Draft:
    """A request in parts. `target` replaces path and query, `instead` the marker INSTEAD within the body."""

    operation: Operation
    method: str
    parameters: dict[str, str]
    queries: list[tuple[str, str]]
    headers: list[tuple[str, str]]
    value: Any = NOTHING
    instead: str = ""
    target: str | None = None
    odd: bool = False
    cut: bool = False
    lines: list[bytes] = field(default_factory=list)
    text: bytes | None = None

    def encoded(self) -> bytes:
        """The body's bytes."""
        if self.text is not None:
            return self.text
        if self.value is NOTHING:
            return b""
        return json.dumps(self.value).replace(f'"{INSTEAD}"', self.instead).encode()

    def header(self, name: str, value: str | None) -> None:
        """Set a header, or take it away."""
        self.headers = [each for each in self.headers if each[0].lower() != name.lower()]
        if value is not None:
            self.headers.append((name, value))

    def where(self) -> str:
        """Path and query as they stand in the request line."""
        if self.target is not None:
            return self.target
        path = self.operation.path.format_map({name: quote(each, "") for name, each in self.parameters.items()})
        query = "?" + urlencode(self.queries, errors="surrogatepass") if self.queries else ""
        return self.operation.prefix + path + query

    def request(self, kind: str, host: str) -> Request:
        """The request as it goes over the wire."""
        body = self.encoded()[:LARGEST]
        lines = [f"{self.method} {self.where()} HTTP/1.1".encode("utf-8", "surrogateescape"), f"Host: {host}".encode()]
        lines += [f"{name}: {value}".encode("utf-8", "surrogateescape") for name, value in self.headers]
        lines += self.lines
        if not any(line.lower().startswith((b"content-length", b"transfer-encoding")) for line in lines):
            lines.append(b"Content-Length: %d" % len(body))
        return Request(kind, self.operation, self.method, b"\r\n".join(lines) + b"\r\n\r\n", body, self.odd, self.cut)


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
