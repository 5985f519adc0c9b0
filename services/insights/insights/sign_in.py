"""Signing in to the pages: OIDC's authorization code flow with PKCE, and a signed, http-only cookie afterwards."""

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx2
import msgspec
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from chassis.web import Person
from chassis.web.problems import Unauthenticated, Unavailable
from chassis.web.tokens import Grant
from fastapi import FastAPI
from joserfc.errors import JoseError
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response

from insights.settings import Settings

COOKIE = "superwizja"
HOURS = 8


class NotSignedIn(Exception):
    """Signing in came to nothing: refused, interrupted, or too long ago."""


class IssuerAway(Exception):
    """The issuer does not answer."""


class Kept(msgspec.Struct):
    """What the cookie says: who it is, in which roles, until when (seconds since the epoch)."""

    person: UUID
    grants: Sequence[Grant]
    until: float


def install(app: FastAPI, settings: Settings) -> None:
    """Give the application its cookie and its way to the issuer."""
    app.add_middleware(
        SessionMiddleware,
        secret_key=settings.session_secret.get_secret_value(),
        session_cookie=COOKIE,
        max_age=HOURS * 3600,
        same_site="lax",
        https_only=settings.public_url.startswith("https://"),
    )
    oauth = OAuth()
    oauth.register(
        name="issuer",
        server_metadata_url=f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        client_kwargs={"scope": "openid", "code_challenge_method": "S256", "timeout": 5.0},
    )
    app.state.oauth = oauth


async def begin(request: Request) -> Response:
    """Send the browser to the issuer. Raises IssuerAway."""
    settings: Settings = request.app.state.settings
    try:
        sent: Response = await request.app.state.oauth.issuer.authorize_redirect(
            request, f"{settings.public_url.rstrip('/')}/callback"
        )
    except (httpx2.HTTPError, ValueError, KeyError) as error:
        raise IssuerAway from error
    return sent


async def finish(request: Request) -> Person:
    """Whom the issuer answers for; kept in the cookie from now on. Raises NotSignedIn, IssuerAway."""
    try:
        token: dict[str, Any] = await request.app.state.oauth.issuer.authorize_access_token(request)
        person: Person = await request.app.state.tokens.person(f"Bearer {token['access_token']}")
    except (OAuthError, JoseError, Unauthenticated, KeyError) as error:
        raise NotSignedIn from error
    except (httpx2.HTTPError, Unavailable) as error:
        raise IssuerAway from error
    until = min(token.get("expires_at") or float("inf"), time.time() + HOURS * 3600)
    request.session.clear()
    request.session["kept"] = msgspec.to_builtins(Kept(person.id, person.grants, until))
    return person


def signed_in(request: Request) -> Person | None:
    """Who is signed in, if anybody is."""
    if "kept" not in request.session:
        return None
    kept = msgspec.convert(request.session["kept"], Kept)
    return Person(kept.person, tuple(kept.grants)) if kept.until > time.time() else None
