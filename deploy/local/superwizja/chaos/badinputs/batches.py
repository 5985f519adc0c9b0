"""Batches of records as no producer of ours writes them: other compressions, and header names that are no text."""

import gzip
import struct
from collections.abc import Callable

from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.util import calc_crc32c

LENGTH, CRC, ATTRIBUTES, RECORDS = 8, 17, 21, 61
"""Where these begin in a batch (format 2); the length counts from the field behind it, the CRC from the attributes."""

NAME_TO_SPOIL = "odd-name-here"
SPOILT_NAME = b"odd-\xff\xfe\xc0\x80-here"[: len(NAME_TO_SPOIL)].ljust(len(NAME_TO_SPOIL), b"\xff")
CODECS = {"gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}


def respelt(batch: BatchBuilder) -> BatchBuilder:
    """The closed batch with the header name NAME_TO_SPOIL turned into bytes that are no UTF-8."""
    spoilt = bytearray(batch._build().replace(NAME_TO_SPOIL.encode(), SPOILT_NAME))
    return _signed(batch, spoilt)


def compressed(batch: BatchBuilder, codec: str) -> BatchBuilder:
    """The closed batch, compressed in this way."""
    plain = bytes(batch._build())
    packed = PACKED[codec](plain[RECORDS:])
    spoilt = bytearray(plain[:RECORDS] + packed)
    struct.pack_into(">i", spoilt, LENGTH, len(spoilt) - LENGTH - 4)
    struct.pack_into(">h", spoilt, ATTRIBUTES, CODECS[codec])
    return _signed(batch, spoilt)


def _signed(batch: BatchBuilder, spoilt: bytearray) -> BatchBuilder:
    struct.pack_into(">I", spoilt, CRC, calc_crc32c(bytes(spoilt[ATTRIBUTES:])))
    batch._buffer = spoilt
    return batch


def _snappy(raw: bytes) -> bytes:
    """A block of Snappy that holds everything as literals, behind the header of Xerial's framing."""
    parts = [_varint(len(raw))]
    for begin in range(0, len(raw), 60):
        part = raw[begin : begin + 60]
        parts += [bytes([(len(part) - 1) << 2]), part]
    block = b"".join(parts)
    return b"\x82SNAPPY\x00" + struct.pack(">iii", 1, 1, len(block)) + block


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def _zstd(raw: bytes) -> bytes:
    """A frame of Zstandard whose blocks are stored as they are; each at most 128 KiB."""
    parts = [b"\x28\xb5\x2f\xfd\xa0", struct.pack("<I", len(raw))]
    size = 131_072
    for begin in range(0, len(raw), size):
        part = raw[begin : begin + size]
        parts += [(len(part) << 3 | (begin + size >= len(raw))).to_bytes(3, "little"), part]
    return b"".join(parts)


def _lz4(raw: bytes) -> bytes:
    """A frame of LZ4 whose blocks are stored as they are, without checksums of content; each at most 64 KiB."""
    descriptor = b"\x60\x40"
    parts = [b"\x04\x22\x4d\x18", descriptor, bytes([_xxh32(descriptor) >> 8 & 255])]
    for begin in range(0, len(raw), 65_536):
        part = raw[begin : begin + 65_536]
        parts += [struct.pack("<I", len(part) | 1 << 31), part]
    return b"".join([*parts, b"\x00\x00\x00\x00"])


def _xxh32(short: bytes) -> int:
    """xxHash-32 with seed 0 of fewer than four bytes."""
    most, first, fifth = 0xFFFFFFFF, 0x9E3779B1, 0x165667B1
    value = fifth + len(short) & most
    for each in short:
        value = value + each * fifth & most
        value = ((value << 11 | value >> 21) & most) * first & most
    value = (value ^ value >> 15) * 0x85EBCA77 & most
    value = (value ^ value >> 13) * 0xC2B2AE3D & most
    return value ^ value >> 16


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda plain: gzip.compress(plain, mtime=0),
    "snappy": _snappy,
    "lz4": _lz4,
    "zstd": _zstd,
}
