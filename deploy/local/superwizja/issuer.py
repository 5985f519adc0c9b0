"""A local issuer of OpenID Connect tokens, for development only: whoever asks may choose who to be.

`python -m superwizja.issuer`, with ISSUER_PROFILE. Authorization code flow with PKCE (RFC 7636, S256 only); codes are
single-use and live for a minute in this process.
"""

import base64
import hashlib
import os
import secrets
import time
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from joserfc.jwk import RSAKey
from pydantic import BaseModel, Field, ValidationError

from superwizja import people, tokens
from superwizja.issuer_page import page
from superwizja.runtime import AUDIENCE, Runtime

Model = TypeVar("Model", bound=BaseModel)
BASIC = HTTPBasic(auto_error=False)
CODE_SECONDS = 60
TOKEN_SECONDS = 8 * 3600


class Rejected(Exception):
    """A request that OAuth refuses, with its error code (RFC 6749, 4.1.2.1 and 5.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description


class Asked(BaseModel, frozen=True):
    """An authorization request."""

    client_id: str
    redirect_uri: str
    response_type: Literal["code"]
    code_challenge: str = Field(min_length=43, max_length=43)
    code_challenge_method: Literal["S256"]
    state: str = ""
    nonce: str = ""
    scope: str = "openid"


class Redeemed(BaseModel, frozen=True):
    """A token request."""

    grant_type: Literal["authorization_code"]
    code: str
    redirect_uri: str
    code_verifier: str
    client_id: str = ""
    client_secret: str = ""


@dataclass
class Issuer:
    """What the endpoints share: who it is, its key, its clients' secrets, and the codes that wait to be redeemed."""

    url: str
    origin: str
    key: RSAKey
    clients: dict[str, str]
    codes: dict[str, tuple[Asked, people.Person, float]] = field(default_factory=dict)

    def accept(self, asked: Asked) -> None:
        """Raises Rejected for an unknown client or a redirection to anywhere but the platform's own address."""
        target = urlsplit(asked.redirect_uri)
        if asked.client_id not in self.clients:
            raise Rejected("unauthorized_client", f"unknown client_id {asked.client_id!r}")
        if f"{target.scheme}://{target.netloc}" != self.origin:
            raise Rejected("invalid_request", f"redirect_uri must begin with {self.origin}")

    def redirection(self, asked: Asked, person: people.Person) -> str:
        """Where the browser goes on: the client's address with a fresh code."""
        now = time.monotonic()
        self.codes = {code: kept for code, kept in self.codes.items() if kept[2] > now}
        code = secrets.token_urlsafe(32)
        self.codes[code] = (asked, person, now + CODE_SECONDS)
        answer = {"code": code, "iss": self.url} | ({"state": asked.state} if asked.state else {})
        return f"{asked.redirect_uri}{'&' if '?' in asked.redirect_uri else '?'}{urlencode(answer)}"

    def redeem(self, code: str, redirect_uri: str, verifier: str, client: str, secret: str) -> dict[str, object]:
        """Tokens for a code, once. Raises Rejected."""
        if not secrets.compare_digest(self.clients.get(client, "").encode(), secret.encode()) or not secret:
            raise Rejected("invalid_client", "wrong client_id or client_secret")
        asked, person, until = self.codes.pop(code, (None, None, 0.0))
        if asked is None or person is None or until < time.monotonic() or asked.client_id != client:
            raise Rejected("invalid_grant", "the code is unknown, used or too old")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if asked.redirect_uri != redirect_uri or not secrets.compare_digest(challenge, asked.code_challenge):
            raise Rejected("invalid_grant", "redirect_uri or code_verifier does not belong to the code")
        roles = [tokens.role(person.role)]
        known = {"name": person.name} | ({"nonce": asked.nonce} if asked.nonce else {})
        access = tokens.mint(self.key, self.url, person.id, roles, seconds=TOKEN_SECONDS, audience=AUDIENCE)
        identity = tokens.mint(self.key, self.url, person.id, roles, seconds=TOKEN_SECONDS, audience=client, **known)
        return {
            "access_token": access,
            "id_token": identity,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": asked.scope,
        }


def application(issuer: Issuer) -> FastAPI:
    """The issuer's endpoints, below whatever path the gateway gives them."""
    app = FastAPI(title="Superwizja: development issuer", docs_url=None, redoc_url=None, openapi_url=None)

    @app.exception_handler(Rejected)
    async def rejected(request: Request, refusal: Rejected) -> Response:
        status = 401 if refusal.error == "invalid_client" else 400
        return JSONResponse({"error": refusal.error, "error_description": refusal.description}, status)

    @app.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/.well-known/openid-configuration")
    async def discovery() -> dict[str, object]:
        return {
            "issuer": issuer.url,
            "authorization_endpoint": f"{issuer.url}/authorize",
            "token_endpoint": f"{issuer.url}/token",
            "jwks_uri": f"{issuer.url}/jwks",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "id_token_signing_alg_values_supported": [tokens.ALGORITHM],
            "subject_types_supported": ["public"],
            "scopes_supported": ["openid"],
            "claims_supported": ["iss", "aud", "sub", "exp", "iat", "nonce", "name", "roles"],
            "authorization_response_iss_parameter_supported": True,
        }

    @app.get("/jwks")
    async def jwks() -> dict[str, object]:
        return {"keys": [issuer.key.as_dict(private=False)]}

    @app.get("/")
    async def home(request: Request) -> Response:
        return HTMLResponse(page(request, issuer.url, {}))

    @app.get("/authorize")
    async def authorize(request: Request) -> Response:
        asked = _parsed(Asked, dict(request.query_params))
        issuer.accept(asked)
        return HTMLResponse(page(request, issuer.url, asked.model_dump()))

    @app.post("/authorize")
    async def chosen(request: Request) -> Response:
        fields = await _form(request)
        asked = _parsed(Asked, fields)
        issuer.accept(asked)
        somebody = next((each for each in people.PEOPLE if str(each.id) == fields.get("person")), None)
        if somebody is None:
            raise Rejected("access_denied", "nobody of the list was chosen")
        return RedirectResponse(issuer.redirection(asked, somebody), 303)

    @app.post("/token")
    async def token(request: Request, basic: Annotated[HTTPBasicCredentials | None, Depends(BASIC)]) -> Response:
        asked = _parsed(Redeemed, await _form(request))
        client, secret = (basic.username, basic.password) if basic else (asked.client_id, asked.client_secret)
        answer = issuer.redeem(asked.code, asked.redirect_uri, asked.code_verifier, client, secret)
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    return app


async def _form(request: Request) -> dict[str, str]:
    """The fields of a URL-encoded body."""
    return dict(parse_qsl((await request.body()).decode(errors="replace")))


def _parsed(model: type[Model], fields: dict[str, str]) -> Model:
    """Raises Rejected, naming what is wrong."""
    try:
        return model.model_validate(fields)
    except ValidationError as wrong:
        names = ", ".join(str(each["loc"][0]) for each in wrong.errors())
        raise Rejected("invalid_request", f"missing or not supported: {names}") from None


def main() -> None:
    """Serve the issuer of the profile that ISSUER_PROFILE names, until SIGTERM."""
    runtime = Runtime.read(os.environ["ISSUER_PROFILE"])
    clients = {"insights": runtime.secret("oidc.insights")}
    issuer = Issuer(runtime.issuer, runtime.gateway, tokens.signing_key(runtime.key_file), clients)
    uvicorn.run(
        application(issuer), host="127.0.0.1", port=runtime.ports["issuer"], log_level="warning", access_log=False
    )


if __name__ == "__main__":
    main()
