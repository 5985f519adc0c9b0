"""The development issuer: what its tokens are worth, and the way of a sign-in, over HTTP through the gateway."""

import base64
import hashlib
import re
import secrets
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet, RSAKey
from superwizja import people, tokens
from superwizja.cli import app
from superwizja.runtime import AUDIENCE, Runtime
from typer.testing import CliRunner

CLIENT = "insights"


@pytest.fixture
def browser(platform: Runtime) -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=10) as client:
        yield client


@pytest.fixture
def keys(platform: Runtime, browser: httpx.Client) -> KeySet:
    found = browser.get(f"{platform.issuer}/.well-known/openid-configuration").json()
    assert found["issuer"] == platform.issuer
    published = browser.get(found["jwks_uri"]).json()
    assert not {"d", "p", "q"} & set(published["keys"][0])
    return KeySet.import_key_set(published)


def claims_of(token: str, keys: KeySet, issuer: str, audience: str = AUDIENCE) -> dict[str, object]:
    """The claims of a token that a service would accept."""
    decoded = jwt.decode(token, keys, algorithms=["RS256"])
    rules = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
        sub={"essential": True},
    )
    rules.validate(decoded.claims)
    return decoded.claims


class SignIn:
    """One attempt to sign in, as the client of the pages makes it."""

    def __init__(self, platform: Runtime) -> None:
        self.platform = platform
        self.redirect_uri = f"{platform.gateway}/signed-in"
        self.verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(self.verifier.encode()).digest()
        self.query = {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": "here",
            "nonce": "once",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }

    def choose(self, browser: httpx.Client, person: UUID) -> httpx.Response:
        """Fill in the page's own form as a browser does."""
        page = browser.get(f"{self.platform.issuer}/authorize", params=self.query)
        assert page.status_code == 200
        fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text))
        assert f'name="person" value="{person}"' in page.text
        action = re.findall(r'<form method="post" action="([^"]*)">', page.text)[0]
        return browser.post(action, data=fields | {"person": str(person)})

    def redeem(self, browser: httpx.Client, code: str, **other: str) -> httpx.Response:
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
        }
        secret = self.platform.secrets["oidc.insights"]
        return browser.post(f"{self.platform.issuer}/token", data=body | other, auth=(CLIENT, secret))


def code_of(answer: httpx.Response) -> str:
    assert answer.status_code == 303
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


def test_a_sign_in_ends_with_tokens_of_the_chosen_person(
    platform: Runtime, browser: httpx.Client, keys: KeySet
) -> None:
    coordinator, sign_in = people.one_of("coordinator"), SignIn(platform)
    chosen = sign_in.choose(browser, coordinator)
    assert chosen.headers["location"].startswith(f"{sign_in.redirect_uri}?")
    assert parse_qs(urlsplit(chosen.headers["location"]).query)["state"] == ["here"]
    answer = sign_in.redeem(browser, code_of(chosen))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    access = claims_of(answer.json()["access_token"], keys, platform.issuer)
    assert access["sub"] == str(coordinator)
    assert access["roles"] == [{"role": "coordinator"}]
    identity = claims_of(answer.json()["id_token"], keys, platform.issuer, audience=CLIENT)
    assert identity["nonce"] == "once"


def test_a_code_is_good_once(platform: Runtime, browser: httpx.Client) -> None:
    sign_in = SignIn(platform)
    code = code_of(sign_in.choose(browser, people.one_of("editor")))
    assert sign_in.redeem(browser, code).status_code == 200
    again = sign_in.redeem(browser, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("wrong", [{"code_verifier": "x" * 43}, {"redirect_uri": "http://127.0.0.1/elsewhere"}])
def test_a_code_is_worth_nothing_to_whoever_did_not_ask_for_it(
    platform: Runtime, browser: httpx.Client, wrong: dict[str, str]
) -> None:
    sign_in = SignIn(platform)
    code = code_of(sign_in.choose(browser, people.one_of("editor")))
    refused = sign_in.redeem(browser, code, **wrong)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_a_client_with_a_wrong_secret_gets_nothing(platform: Runtime, browser: httpx.Client) -> None:
    sign_in = SignIn(platform)
    code = code_of(sign_in.choose(browser, people.one_of("editor")))
    body = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": sign_in.redirect_uri,
        "code_verifier": sign_in.verifier,
    }
    refused = browser.post(f"{platform.issuer}/token", data=body, auth=(CLIENT, "guessed"))
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": "https://example.org/"},
        {"client_id": "someone"},
        {"code_challenge_method": "plain"},
        {"response_type": "token"},
        {"code_challenge": ""},
    ],
)
def test_a_request_that_is_not_ours_is_refused_and_nobody_is_sent_away(
    platform: Runtime, browser: httpx.Client, wrong: dict[str, str]
) -> None:
    refused = browser.get(f"{platform.issuer}/authorize", params=SignIn(platform).query | wrong)
    assert refused.status_code == 400
    assert refused.json()["error"] in ("invalid_request", "unauthorized_client")


def test_the_page_says_in_both_languages_that_nobody_is_real(platform: Runtime, browser: httpx.Client) -> None:
    polish = browser.get(f"{platform.issuer}/", headers={"Accept-Language": "de"}).text
    assert '<html lang="pl">' in polish
    assert "Osoby są zmyślone." in polish
    english = browser.get(f"{platform.issuer}/", headers={"Accept-Language": "en-GB,pl;q=0.5"}).text
    assert '<html lang="en">' in english
    assert "The people are made up." in english
    assert '<html lang="en">' in browser.get(f"{platform.issuer}/?lang=en", headers={"Accept-Language": "pl"}).text


def test_a_token_of_the_command_is_one_of_the_issuers(platform: Runtime, keys: KeySet) -> None:
    person, centre = uuid4(), uuid4()
    arguments = ["token", "--role", "centre_manager", "--person", str(person), "--centre", str(centre)]
    done = CliRunner().invoke(app, ["--profile", platform.profile, *arguments])
    assert done.exit_code == 0
    claims = claims_of(done.output.strip(), keys, platform.issuer)
    assert claims["sub"] == str(person)
    assert claims["roles"] == [{"role": "centre_manager", "centre": str(centre)}]
    assert 0 < int(str(claims["exp"])) - time.time() <= 3600


def test_a_token_of_another_key_is_refused(platform: Runtime, keys: KeySet) -> None:
    own = tokens.signing_key(platform.key_file)
    other = RSAKey.generate_key(2048, parameters={"kid": str(own.kid)})
    forged = tokens.mint(other, platform.issuer, uuid4(), [tokens.role("operator")])
    with pytest.raises(BadSignatureError):
        claims_of(forged, keys, platform.issuer)


def test_there_is_no_token_of_an_unknown_role(platform: Runtime) -> None:
    done = CliRunner().invoke(app, ["--profile", platform.profile, "--lang", "en", "token", "--role", "king"])
    assert done.exit_code == 1
    assert "no role king" in done.output
