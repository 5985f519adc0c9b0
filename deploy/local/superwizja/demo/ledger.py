"""The player's own account of what it asked for and what it was told: one line of JSON a command, only ever added."""

from pathlib import Path
from typing import Any, BinaryIO, Literal

import msgspec

Outcome = Literal["acknowledged", "refused", "unknown"]


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One command. `key` is its Idempotency-Key and the correlation id of what it causes; `ids` is what it made.

    Kept where the account is of faults: when it was first sent and when its outcome was learnt (milliseconds since
    1970), how often it was sent and how many answers were lost, the path below /v1/, the body and its answer.
    """

    key: str
    person: str
    service: str
    operation: str
    outcome: Outcome
    status: int | None = None
    ids: tuple[str, ...] = ()
    asked_at: int = 0
    answered_at: int = 0
    attempts: int = 0
    lost: int = 0
    path: str = ""
    body: Any = None
    answer: Any = None


class Ledger:
    """Writes entries to a file, complete on disk after `close`; with `at_once` each before `write` returns."""

    def __init__(self, file: Path, *, at_once: bool = False) -> None:
        self.path = file
        self.buffering = 0 if at_once else 65536
        self.file: BinaryIO | None = None
        self.encode = msgspec.json.Encoder().encode

    def write(self, entry: Entry) -> None:
        """Add one entry."""
        self.file = self.file or self.path.open("ab", buffering=self.buffering)
        self.file.write(self.encode(entry) + b"\n")

    def close(self) -> None:
        """Write out what is still in memory; a later entry opens the file again."""
        if self.file:
            self.file.close()
            self.file = None


def read(file: Path) -> list[Entry]:
    """The last entry of each key of a ledger, as they were begun; none where there is no file."""
    if not file.exists():
        return []
    decode = msgspec.json.Decoder(Entry).decode
    entries = (decode(line) for line in file.read_bytes().splitlines())
    return list({entry.key: entry for entry in entries}.values())


def file_of(folder: Path) -> Path:
    """Where a profile's ledger lies."""
    return folder / "ledger.jsonl"
