"""Ways to spoil a document's bytes: what comes is not, or not only, the JSON that was meant."""

import gzip
import random
from collections.abc import Callable


def _cut(rng: random.Random, text: bytes) -> bytes:
    return text[: rng.randrange(len(text))] if text else b"{"


def _flipped(rng: random.Random, text: bytes) -> bytes:
    if not text:
        return b"}"
    at = rng.randrange(len(text))
    return text[:at] + bytes([rng.randrange(256)]) + text[at + 1 :]


def _stuffed(rng: random.Random, text: bytes) -> bytes:
    at = rng.randrange(len(text) + 1)
    odd = rng.choice(
        (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x00", b"\\", b"\\u", b"//x", b",", b"'")
    )
    return text[:at] + odd + text[at:]


def _twice(rng: random.Random, text: bytes) -> bytes:
    """Every key two times, the second with another value."""
    inner = text.strip()[1:-1]
    return (
        b"{" + inner + b', "' + rng.choice((b"id", b"name", b"minutes")) + b'": 1, ' + inner + b"}"
        if inner
        else b'{"a":1,"a":2}'
    )


TEXTS: dict[str, Callable[[random.Random, bytes], bytes]] = {
    "truncated": _cut,
    "flipped": _flipped,
    "stuffed": _stuffed,
    "twice": _twice,
    "no body": lambda rng, text: b"",
    "another value": lambda rng, text: rng.choice((b"null", b"[]", b"{}", b'""', b"1", b"true", b"[" + text + b"]",
    b'"' + text + b'"')),
    "another encoding": lambda rng, text: rng.choice(
        (text.decode("utf-8", "replace").encode("utf-16"), b"\xef\xbb\xbf" + text, gzip.compress(text, mtime=0),
        text.decode("utf-8", "replace").encode("utf-7"))
    ),
    "trailing": lambda rng, text: text + rng.choice((b"\x00", b"{}", b"]", b"\n" * 1000, text)),
    "noise": lambda rng, text: rng.randbytes(rng.choice((1, 16, 300))),
}  # fmt: skip
"""By the name of the kind."""
