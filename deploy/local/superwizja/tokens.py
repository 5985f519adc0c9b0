"""Tokens of the local platform: the signing key lies in the profile's folder, and who can read it can sign."""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import RSAKey

ALGORITHM = "RS256"


def signing_key(file: Path) -> RSAKey:
    """The key of this file, made if there is none yet; readable by its owner only."""
    if not file.exists():
        key = RSAKey.generate_key(2048, parameters={"use": "sig", "alg": ALGORITHM}, auto_kid=True)
        part = file.with_name(f"{file.name}.part")
        part.touch(mode=0o600)
        part.write_text(json.dumps(key.as_dict(private=True)))
        part.rename(file)
    return RSAKey.import_key(json.loads(file.read_text()))


def role(name: str, *, programme: UUID | None = None, centre: UUID | None = None) -> dict[str, str]:
    """A role as it stands in a token; what is not given is not limited."""
    scopes = {"programme": programme, "centre": centre}
    return {"role": name} | {scope: str(value) for scope, value in scopes.items() if value is not None}


def mint(
    key: RSAKey,
    issuer: str,
    person: UUID,
    roles: Sequence[Mapping[str, str]],
    *,
    seconds: int = 3600,
    audience: str = "superwizja",
    **more: Any,
) -> str:
    """A signed token of a person with these roles, valid from now on for so many seconds."""
    now = int(time.time())
    claims = {
        "iss": issuer,
        "aud": audience,
        "sub": str(person),
        "iat": now,
        "exp": now + seconds,
        "roles": [dict(each) for each in roles],
    }
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims | more, key)
