"""What is no HTTP is refused with a problem document, too: the server would answer in plain text."""

import json
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chassis.web.messages import BY_STATUS

STATUS = HTTPStatus.BAD_REQUEST
SAID = BY_STATUS[STATUS]
BODY = json.dumps(
    {"type": "urn:superwizja:problem:unparsable", "title": SAID.pl, "status": STATUS, "detail": f"{SAID.pl} (HTTP)."},
    ensure_ascii=False,
).encode()
ANSWER = b"\r\n".join(
    [
        b"HTTP/1.1 400 Bad Request",
        b"content-type: application/problem+json",
        b"content-language: pl",
        b"content-length: %d" % len(BODY),
        b"connection: close",
        b"",
        BODY,
    ]
)


class Protocol(HttpToolsProtocol):
    """HTTP as httptools reads it: methods that nobody knows and requests that are none end here."""

    def send_400_response(self, msg: str) -> None:
        """Refuse what could not be read, and close; which language its sender speaks is not known."""
        self.transport.write(ANSWER)
        self.transport.close()
