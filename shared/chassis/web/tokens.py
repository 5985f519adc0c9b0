"""Who calls: OIDC bearer tokens, checked against the configured issuer's keys and nobody else's."""

import asyncio
import math
import time
from typing import Any, get_args
from uuid import UUID

import httpx
import msgspec
from cachetools import TTLCache
from contracts.event import Role
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from chassis.settings import ServiceSettings
from chassis.web.problems import Unauthenticated, Unavailable

ALGORITHMS = ["RS256", "ES256"]

LEEWAY = 30
"""Seconds that clocks may differ."""

KEYS_FOR = 600.0
"""Seconds that the issuer's keys are used before they are fetched again."""

KEYS_AGAIN_AFTER = 5.0
"""Seconds between two tries to fetch, at least: a silent issuer must not hold up tokens that we have the keys of."""


class Grant(msgspec.Struct, frozen=True):
    """A role, in one programme or centre; None is all of them."""

    role: str
    programme: UUID | None = None
    centre: UUID | None = None


class Person(msgspec.Struct, frozen=True):
    """A caller: `id` is the token's `sub`; `role` the one in which the route lets them in, once it has."""

    id: UUID
    grants: tuple[Grant, ...]
    role: Role = "participant"

    def holds(self, role: str, *, programme: UUID | None = None, centre: UUID | None = None) -> bool:
        """Whether the person has the role there. A grant without a scope holds everywhere."""
        return any(
            grant.role == role
            and (grant.programme is None or grant.programme == programme)
            and (grant.centre is None or grant.centre == centre)
            for grant in self.grants
        )

    def first_of(self, roles: tuple[Role, ...]) -> Role | None:
        """The first of the roles that the person has anywhere."""
        held = {grant.role for grant in self.grants}
        return next((role for role in roles if role in held), None)


class Tokens:
    """Turns bearer tokens into people. A token that was checked is remembered for a minute, never past its end."""

    def __init__(self, settings: ServiceSettings) -> None:
        self.settings = settings
        self.http = httpx.AsyncClient(timeout=2.0)
        self.keys: KeySet | None = None
        self.fetched = 0.0
        self.tried = 0.0
        self.fetching = asyncio.Lock()
        self.known: TTLCache[str, tuple[Person, float]] = TTLCache(maxsize=10_000, ttl=60)
        self.claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": settings.issuer},
            aud={"essential": True, "value": settings.audience},
            exp={"essential": True},
            sub={"essential": True},
        )

    async def close(self) -> None:
        """Close the connections to the issuer."""
        await self.http.aclose()

    async def person(self, authorization: str | None) -> Person:
        """Whose token it is. Raises Unauthenticated, and Unavailable while the issuer's keys cannot be had at all."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated
        known = self.known.get(token)
        if known is not None and known[1] > time.time():
            return known[0]
        claims = await self._claims(token)
        person = Person(_uuid(claims["sub"]), tuple(_grants(claims.get("roles", []))))
        self.known[token] = (person, _moment(claims["exp"]))
        return person

    async def _claims(self, token: str) -> dict[str, Any]:
        keys = await self._keys(fresh=False)
        try:
            return self._decoded(token, keys)
        except InvalidKeyIdError:
            keys = await self._keys(fresh=True)
        try:
            return self._decoded(token, keys)
        except InvalidKeyIdError as error:
            raise Unauthenticated from error

    def _decoded(self, token: str, keys: KeySet) -> dict[str, Any]:
        """The claims of a token that these keys signed. Raises Unauthenticated, and InvalidKeyIdError."""
        try:
            decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
            self.claims.validate(decoded.claims)
        except InvalidKeyIdError:
            raise
        # joserfc meets a header that is no object, or holds what it does not expect, with Python's own errors.
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise Unauthenticated from error
        return decoded.claims

    async def _keys(self, *, fresh: bool) -> KeySet:
        async with self.fetching:
            now = time.monotonic()
            age, again = now - self.fetched, now - self.tried > KEYS_AGAIN_AFTER
            if self.keys is None or (again and (fresh or age > KEYS_FOR)):
                self.tried = now
                try:
                    self.keys = await self._fetch()
                    self.fetched = time.monotonic()
                except (httpx.HTTPError, ValueError, KeyError) as error:
                    if self.keys is None:
                        raise Unavailable from error
            return self.keys

    async def _fetch(self) -> KeySet:
        at = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = (await self.http.get(at)).raise_for_status().json()
        if found["issuer"] != self.settings.issuer:
            raise ValueError(f"{at} names another issuer")
        return KeySet.import_key_set((await self.http.get(found["jwks_uri"])).raise_for_status().json())


def _moment(value: Any) -> float:
    """A time in seconds; a token that is valid for ever is not trusted."""
    try:
        moment = float(value)
    except OverflowError as error:
        raise Unauthenticated from error
    if not math.isfinite(moment):
        raise Unauthenticated
    return moment


def _uuid(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError as error:
        raise Unauthenticated from error


def _grants(claim: Any) -> list[Grant]:
    try:
        grants = msgspec.convert(claim, list[Grant])
    except msgspec.ValidationError as error:
        raise Unauthenticated from error
    return [grant for grant in grants if grant.role in get_args(Role) and grant.role != "service"]
