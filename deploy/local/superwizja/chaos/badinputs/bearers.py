"""Tokens of people in every role, and tokens that nobody should trust or that say odd things."""

import base64
import json
import random
import time
from collections.abc import Mapping
from typing import Any, get_args
from uuid import UUID

from contracts.event import Role
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from joserfc.jws import JWSRegistry

from superwizja import tokens
from superwizja.runtime import AUDIENCE, Runtime

ROLES = [name for name in get_args(Role) if name != "service"]
NOBODY = UUID("0d3c5e0a-6a55-4d0e-8f0e-6a1c2b9f7d44")
LONG = "a" * 3000
NESTED = b'{"a":' * 5000


class Bearers:
    """Signs tokens, each once: services remember them."""

    def __init__(self, runtime: Runtime, rng: random.Random) -> None:
        self.issuer = runtime.issuer
        self.key = tokens.signing_key(runtime.key_file)
        self.rng = rng
        self.signed: dict[tuple[str, str], str] = {}
        self.odd = [*self._untrusted(), *self._strange()]

    def of(self, person: str, role: str = "") -> str:
        """The header of a person in every role, or in one."""
        known = self.signed.get((person, role))
        if known is None:
            roles = [tokens.role(each) for each in ([role] if role else ROLES)]
            known = (
                f"Bearer {tokens.mint(self.key, self.issuer, UUID(person), roles, seconds=14_400, audience=AUDIENCE)}"
            )
            self.signed[person, role] = known
        return known

    def _claims(self, **more: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": AUDIENCE, "sub": str(NOBODY), "iat": now, "exp": now + 14_400}
        return claims | {"roles": [{"role": "coordinator"}]} | more

    def _signed(self, claims: Mapping[str, Any], header: Mapping[str, Any] | None = None) -> str:
        """A token with our own signature over any JSON, which a library would refuse to write."""
        head = {"alg": tokens.ALGORITHM, "kid": self.key.kid} | dict(header or {})
        return f"Bearer {_joined(head, claims, self.key)}"

    def _untrusted(self) -> list[str]:
        """Not signed by the issuer, or not for us, or not now."""
        now = int(time.time())
        sound = self.of(str(NOBODY)).removeprefix("Bearer ")
        head, body, signature = sound.split(".")
        headers: tuple[dict[str, Any], ...] = (
            {"kid": None}, {"kid": 1}, {"kid": "another"}, {"kid": ["a"]}, {"kid": {}}, {"kid": LONG}, {"alg": None},
            {"alg": ["RS256"]}, {"alg": {}}, {"alg": 256}, {"alg": "RS512"}, {"crit": ["exp"]}, {"crit": "exp"},
            {"crit": [1]}, {"b64": False, "crit": ["b64"]}, {"typ": 1}, {"jwk": {"kty": "oct", "k": "AA"}},
            {"jku": "http://127.0.0.1:1/"}, {"x5c": ["x"]}, {"zip": "DEF"}, {"enc": "A128GCM"},
        )  # fmt: skip
        claims: tuple[dict[str, Any], ...] = (
            {"exp": now - 3600}, {"exp": None}, {"exp": "soon"}, {"exp": -1}, {"exp": 0}, {"exp": True}, {"exp": []},
            {"nbf": now + 9999}, {"nbf": "x"}, {"iat": now + 9999}, {"iat": "x"}, {"iat": None}, {"aud": "another"},
            {"aud": None}, {"aud": [1]}, {"aud": {}}, {"iss": "https://example.org"}, {"iss": None},
            {"iss": [self.issuer]}, {"sub": None}, {"sub": ""}, {"sub": "nobody"}, {"sub": 1}, {"sub": []},
            {"sub": {"a": 1}}, {"sub": LONG}, {"sub": "\x00"}, {"sub": "\ud800"},
        )  # fmt: skip
        other = RSAKey.generate_key(2048)
        secret = OctKey.import_key(json.dumps(self.key.as_dict(private=False)))
        none = f"{_part({'alg': 'none'})}.{body}."
        forged = jwt.encode({"alg": "HS256", "kid": self.key.kid}, self._claims(), secret, algorithms=["HS256"])
        return [
            "Bearer", "Bearer ", "Basic bm9ib2R5OmF0YWxs", "bearer x", "Bearer null", sound, f"Bearer  {sound}",
            f"Bearer {sound} ",
            f"Bearer {sound},{sound}", f"Bearer {head}.{body}", f"Bearer {head}.{body}.",
            f"Bearer .{body}.{signature}", "Bearer ..",
            f"Bearer {sound}.{sound}", f"Bearer {head}.{body}.{signature[:-4]}AAAA", f"Bearer {none}",
            f"Bearer {forged}",
            f"Bearer {_joined({'alg': 'RS256', 'kid': self.key.kid}, self._claims(), other)}", f"Bearer {'A' * 20_000}",
            "Bearer \udcff\udcfe", "Bearer ąęż", f"Bearer {_part(['a'])}.{body}.{signature}",
            f"Bearer {_part(1)}.{body}.{signature}",
            f"Bearer {_b64(b'[' * 9000)}.{body}.{signature}",
            f"Bearer {_b64(b'[' * 9000 + b']' * 9000)}.{body}.{signature}",
            f"Bearer {_b64(NESTED)}.{body}.{signature}", f"Bearer {_b64(bytes([255, 254]))}.{body}.{signature}",
            *(self._signed(self._claims(), header) for header in headers),
            *(self._signed(self._claims(**more)) for more in claims),
        ]  # fmt: skip

    def _strange(self) -> list[str]:
        """Signed by the issuer, with claims that no sound issuer makes."""
        nested: Any = []
        for _ in range(400):
            nested = [nested]
        odd_roles: tuple[Any, ...] = (
            [], None, "coordinator", ["coordinator"], {}, {"role": "coordinator"}, 1, True, [None], [[]], [{}],
            [{"role": None}],
            [{"role": 1}], [{"role": "service"}], [{"role": "no-such-role"}], [{"role": "\ud800"}], [{"role": "\x00"}],
            [{"role": LONG}],
            [{"role": "coordinator", "programme": "x"}], [{"role": "coordinator", "programme": None}],
            [{"role": "coordinator", "programme": 1}],
            [{"role": "coordinator", "programme": str(NOBODY), "centre": str(NOBODY)}], [{"role": "centre_manager",
            "centre": str(NOBODY)}],
            [{"role": "coordinator", "more": LONG}], [{"role": "coordinator"}] * 500, nested,
        )  # fmt: skip
        odd_times: tuple[Any, ...] = (1e300, float("inf"), float("nan"), 10**400, 2**63, 4e9, 253402300800)
        subjects = (
            str(NOBODY).upper(),
            f"{{{NOBODY}}}",
            f"urn:uuid:{NOBODY}",
            NOBODY.hex,
            str(UUID(int=0)),
            str(UUID(int=2**128 - 1)),
        )
        return [
            *(self._signed(self._claims(roles=roles)) for roles in odd_roles),
            *(self._signed(self._claims(exp=when)) for when in odd_times),
            *(self._signed(self._claims(sub=subject)) for subject in subjects),
            self._signed(self._claims(aud=[AUDIENCE, "another"])),
            self._signed({**self._claims(), "a\x00\ud800": "\ud800"}),
            self._signed([self._claims()]),  # type: ignore[arg-type]  # a list where claims belong
            self._signed("claims"),  # type: ignore[arg-type]  # a text where claims belong
            *(self.of(str(NOBODY), role) for role in ROLES),
        ]


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _part(value: Any) -> str:
    return _b64(json.dumps(value).encode())


def _joined(header: Any, claims: Any, key: RSAKey) -> str:
    """header.claims.signature with RS256, whatever they are."""
    signed = f"{_part(header)}.{_part(claims)}"
    return f"{signed}.{_b64(JWSRegistry.algorithms['RS256'].sign(signed.encode(), key))}"
