"""Records whose headers have names that are no text: aiokafka would stop at the first of them, for ever.

A broker takes such names from anybody who may write. They are read with a backslash and a number for each odd byte.
"""

from collections.abc import Iterator
from itertools import islice
from struct import Struct
from typing import Any, SupportsIndex, overload

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

OFFSET, LENGTH = 8, Struct(">i")
"""A batch begins with its offset, of so many bytes, and with the length of what follows."""


class Lenient(bytearray):
    """Bytes whose parts are read as text whatever they are."""

    @overload
    def __getitem__(self, key: SupportsIndex) -> int: ...
    @overload
    def __getitem__(self, key: slice) -> "Lenient": ...
    def __getitem__(self, key: SupportsIndex | slice) -> "int | Lenient":
        """A part is as lenient as the whole."""
        found = super().__getitem__(key)
        return Lenient(found) if isinstance(found, bytearray) else found

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        """The text, with a backslash and its number for each byte that is none."""
        return super().decode(encoding, errors)


class Batch:
    """A batch of records as aiokafka reads it, and in Python, leniently, from the first record on that it cannot."""

    def __init__(self, batch: Any, raw: memoryview) -> None:
        self.batch = batch
        self.raw = raw

    def __getattr__(self, name: str) -> Any:
        """All but the records is as it was."""
        return getattr(self.batch, name)

    def __iter__(self) -> Iterator[Any]:
        """Every record of the batch."""
        read = 0
        try:
            for record in self.batch:
                yield record
                read += 1
        except UnicodeDecodeError:
            again = _DefaultRecordBatchPy(self.raw)
            again._maybe_uncompress()
            again._buffer = Lenient(again._buffer)
            yield from islice(again, read, None)


class Batches:
    """What a fetch brought, batch by batch."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.begin = 0
        self.batches = MemoryRecords(data)

    def has_next(self) -> bool:
        """Whether there is another batch."""
        found: bool = self.batches.has_next()
        return found

    def next_batch(self) -> Batch:
        """The next one."""
        begin = self.begin
        (length,) = LENGTH.unpack_from(self.data, begin + OFFSET)
        self.begin += OFFSET + LENGTH.size + length
        return Batch(self.batches.next_batch(), memoryview(self.data)[begin : self.begin])

    def size_in_bytes(self) -> int:
        """The bytes of all."""
        found: int = self.batches.size_in_bytes()
        return found


def leniently() -> None:
    """Have every consumer of this process read so."""
    fetcher.MemoryRecords = Batches
