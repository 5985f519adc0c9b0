"""Ways to spoil the parts of a request around its body: path, query, headers, token, method, framing."""

import random
from collections.abc import Callable

from superwizja.chaos.badinputs.bearers import Bearers
from superwizja.chaos.badinputs.request import NOTHING, Draft
from superwizja.chaos.badinputs.spoilt_values import IDS, NAMES, TEXTS_OF_ODD_LETTERS

METHODS = ("PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "CONNECT", "PROPFIND", "get", "FOO", "POST", "GET")
PIECES = (
    "%00",
    "%2f",
    "%2e%2e%2f",
    "..",
    "//",
    "%ff",
    "%c0%80",
    "%ed%a0%80",
    "%",
    "%zz",
    "%25",
    ";a=b",
    "\\",
    "😀",
    "a" * 3000,
    "%0d%0aX-A:%20b",
    "*",
    "{id}",
    "%7B",
    "+",
)
CONTENT_TYPES = (
    "", "text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16", "application/json; charset=nothing", "application/problem+json",
    "application/vnd.api+json",
    "json", "*/*", "application/json;;;", "APPLICATION/JSON", "application/json, text/plain", "a" * 5000,
    "application/octet-stream",
)  # fmt: skip
KEYS = (
    "",
    " ",
    "a" * 100,
    "a" * 101,
    "a" * 9000,
    "\udcff\udcfe",
    "klucz ąęż",
    "' OR 1=1",
    "%00",
    "\t",
    "0",
    "null",
    "😀" * 30,
)
HEADERS = (
    ("Accept-Language", ("xx", "", "en;q=x", "pl-PL,en;q=0.1", "en" * 4000, "\udcff", "*")),
    ("Accept", ("text/html", "application/xml", "", "a" * 4000)),
    ("traceparent", ("", "00-0-0-00", "00-" + "0" * 32 + "-" + "0" * 16 + "-00", "\udcff", "a" * 9000,
    "00-" + "f" * 32 + "-" + "f" * 16 + "-ff")),
    ("X-Correlation-Id", ("", "x", "\udcff", "0" * 32, "a" * 9000)),
    ("X-Forwarded-For", ("", "x", "::1, 127.0.0.1", "a" * 4000)),
    ("X-Forwarded-Prefix", ("/..", "//example.org", "\udcff", "a" * 4000)),
    ("X-Forwarded-Proto", ("javascript", "", "\udcff")),
    ("Forwarded", ("for=_x;host=\"", "\udcff")),
    ("Cookie", ("superwizja=x", "superwizja=e30.x.y", "superwizja=" + "a" * 4000, "=;=;", "\udcff",
    "superwizja=bnVsbA==.aaaaaa.bbbb")),
    ("Range", ("bytes=0-0", "bytes=-1", "x")),
    ("If-None-Match", ("*", '"', "W/")),
    ("If-Modified-Since", ("yesterday", "Thu, 31 Feb 2022 00:00:00 GMT")),
    ("Content-Encoding", ("gzip", "br", "nothing")),
    ("Expect", ("100-continue", "200-ok")),
    ("Upgrade", ("websocket", "h2c")),
    ("Connection", ("close", "upgrade", "x, y", "Idempotency-Key")),
    ("Origin", ("null", "https://example.org")),
)  # fmt: skip
# A transfer coding that nobody knows is not among them: the gateway answers 501 to it, as RFC 9112 (6.1) asks.
LINES = (
    b"X-A: b\r\nX-Injected: c", b"X-A: \x00", b"X-A : b", b" folded", b"no colon", b": no name", b"X-\xff: b",
    b"X-A: \xff\xfe",
    b"X-A: b\nX-B: c", b"X-A: b\rX-B: c", b"Content-Length: x", b"Content-Length: -1",
    b"Content-Length: 1\r\nContent-Length: 2",
    b"Content-Length: 99999999999999999999", b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nContent-Length: 5", b"Host: example.org", b"X-A: " + b"b" * 60_000,
    b"\r\n".join([b"X-A: b"] * 300),
)  # fmt: skip
QUERIES = (
    ("limit", ("0", "-1", "201", "1e3", "9" * 30, "x", "", "1.0", " 1", "١", "NaN", "\x00", "true")),
    ("after", IDS),
    ("programme_id", IDS),
    ("issue_id", IDS),
    ("track", ("", "x", "\x00")),
    ("status", ("", "x", "\x00", "\ud800")),
    ("lang", ("", "xx", "\x00", "pl" * 900)),
    ("programme", ("\x00", "\ud800", "a" * 5000, "😀")),
    ("code", ("x", "\x00", "")),
    ("state", ("x", "\x00", "")),
    ("error", ("access_denied", "\x00")),
    ("unknown", ("1",)),
)  # fmt: skip


def _path_id(rng: random.Random, draft: Draft, _: Bearers) -> None:
    if draft.parameters:
        name = rng.choice(list(draft.parameters))
        texts = (*IDS, *(each for each in (*NAMES, *TEXTS_OF_ODD_LETTERS) if "\ud800" not in each))
        numbers = ("0", "-1", "9" * 30, "1e3", "1.0", "١", "2147483648", " 1", "1_0")
        draft.parameters[name] = rng.choice((*texts, *numbers))


def _path_text(rng: random.Random, draft: Draft, _: Bearers) -> None:
    target = draft.where()
    at = rng.randrange(1, len(target) + 1)
    draft.target = (target[:at] + rng.choice(PIECES) + target[at:]).replace(" ", "%20")


def _query(rng: random.Random, draft: Draft, _: Bearers) -> None:
    fitting = [each for each in QUERIES if each[0] in draft.operation.queries] or list(QUERIES)
    name, values = rng.choice(fitting if rng.random() < 0.8 else QUERIES)
    draft.queries = [each for each in draft.queries if each[0] != name or rng.random() < 0.2]
    draft.queries.append((name, rng.choice(values)))


def _query_text(rng: random.Random, draft: Draft, _: Bearers) -> None:
    draft.target = (
        draft.where().partition("?")[0]
        + "?"
        + rng.choice(
            (
                "limit",
                "=",
                "&&&",
                "limit=%",
                "limit=%ff",
                "after=%00",
                "limit=1&limit=2",
                "programme_id=%ed%a0%80",
                "a" * 7000,
                "limit[]=1",
                "?",
                "#x",
                "limit=1;after=2",
                "&".join(["a=1"] * 1500),
            )
        )
    )


def _token(rng: random.Random, draft: Draft, bearers: Bearers) -> None:
    draft.header("Authorization", rng.choice((None, *bearers.odd)) if rng.random() < 0.95 else None)
    if rng.random() < 0.03:
        draft.headers.append(("Authorization", bearers.odd[0]))


def _key(rng: random.Random, draft: Draft, _: Bearers) -> None:
    draft.header("Idempotency-Key", rng.choice((None, *KEYS)))
    if rng.random() < 0.1:
        draft.headers.append(("Idempotency-Key", "another"))


def _header(rng: random.Random, draft: Draft, _: Bearers) -> None:
    name, values = rng.choice(HEADERS)
    draft.header(name, rng.choice(values))
    draft.odd = draft.odd or name in ("Expect", "Upgrade", "Connection", "Forwarded")


def _line(rng: random.Random, draft: Draft, _: Bearers) -> None:
    line = rng.choice(LINES)
    draft.lines.append(line)
    draft.odd = True
    draft.cut = line.startswith((b"Content-Length", b"Transfer-Encoding"))


def _method(rng: random.Random, draft: Draft, _: Bearers) -> None:
    draft.method = rng.choice(METHODS)
    draft.odd = draft.method in ("CONNECT", "HEAD")


def _content_type(rng: random.Random, draft: Draft, _: Bearers) -> None:
    draft.header("Content-Type", rng.choice((None, *CONTENT_TYPES)))


def _oversized(rng: random.Random, draft: Draft, _: Bearers) -> None:
    filler = b" " if rng.random() < 0.5 else b'{"a": "' + b"a" * 100
    size = rng.choice((1_048_577, 1_048_576, 1_100_000, 2_500_000))
    draft.text = (draft.encoded() + filler * (size // len(filler) + 1))[:size]


def _body_for_get(rng: random.Random, draft: Draft, _: Bearers) -> None:
    draft.text = rng.choice((b"{}", b"null", b"x" * 5000)) if draft.value is NOTHING else b""


PARTS: dict[str, Callable[[random.Random, Draft, Bearers], None]] = {
    "path id": _path_id,
    "path": _path_text,
    "query": _query,
    "query text": _query_text,
    "token": _token,
    "key": _key,
    "header": _header,
    "line": _line,
    "method": _method,
    "content type": _content_type,
    "oversized": _oversized,
    "body": _body_for_get,
}
"""By the name of the kind."""
