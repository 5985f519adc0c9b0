"""Identities: UUIDv7, so that ids sort by the time of their making."""

from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """A new UUIDv7."""
    return UUID(bytes=uuid_utils.uuid7().bytes)
