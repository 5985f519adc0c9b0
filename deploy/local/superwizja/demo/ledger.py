"""The player's own account of what it asked for and what it was told: one line of JSON a command, only ever added."""

from pathlib import Path
from typing import Literal

import msgspec


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One command. `key` is its Idempotency-Key and the correlation id of what it causes; `ids` is what it made."""

    key: str
    person: str
    service: str
    operation: str
    outcome: Literal["acknowledged", "refused", "unknown"]
    status: int | None = None
    ids: tuple[str, ...] = ()


class Ledger:
    """Writes entries to a file, complete on disk after `close`."""

    def __init__(self, file: Path) -> None:
        self.file = file.open("ab", buffering=65536)
        self.encode = msgspec.json.Encoder().encode

    def write(self, entry: Entry) -> None:
        """Add one entry."""
        self.file.write(self.encode(entry) + b"\n")

    def close(self) -> None:
        """Write out what is still in memory."""
        self.file.close()


def read(file: Path) -> list[Entry]:
    """Every entry of a ledger; none where there is no file."""
    if not file.exists():
        return []
    decode = msgspec.json.Decoder(Entry).decode
    return [decode(line) for line in file.read_bytes().splitlines()]


def file_of(folder: Path) -> Path:
    """Where a profile's ledger lies."""
    return folder / "ledger.jsonl"
