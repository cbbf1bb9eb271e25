"""Signing in at an OpenID provider: the authorization code flow with PKCE (OpenID Connect Core 3.1, RFC 7636).

joserfc checks the ID token's signature and claims; the rest is two redirects and two requests.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from store.db.errors import Forbidden
from store.db.settings import Settings
from store.people.groups import Identity

TIMEOUT_S: Final = 10.0
# Never "none", and no symmetric ones: their key is the client's secret.
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
LEEWAY_S: Final = 60
UNANSWERED: Final = "The identity provider doesn't answer. Try again, or sign in with a key."
REFUSED: Final = "The identity provider's answer can't be trusted. Start again from the login page."


class ProviderAway(Exception):
    """The provider doesn't answer, or not as the standard says."""


@dataclass(frozen=True)
class Attempt:
    """One login: three secrets that stay in the browser's cookie until it comes back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Attempt":
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    @classmethod
    def parse(cls, text: str) -> "Attempt | None":
        parts = text.split(".")
        return cls(*parts) if len(parts) == 3 else None

    def __str__(self) -> str:
        return f"{self.state}.{self.nonce}.{self.verifier}"


def address(settings: Settings, attempt: Attempt, redirect_uri: str) -> str:
    """Where the browser signs in. Raises ProviderAway."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": settings.oidc_client_id,
        "redirect_uri": redirect_uri,
        "scope": settings.oidc_scope,
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{_discover(settings)['authorization_endpoint']}?{urlencode(query)}"


def identify(settings: Settings, attempt: Attempt, code: str, redirect_uri: str) -> Identity:
    """Exchanges the code for an ID token and checks it. Raises ProviderAway, and Forbidden for a token that can't be
    trusted."""
    about = _discover(settings)
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": attempt.verifier,
    }
    tokens = _request("POST", about["token_endpoint"], data=sent, auth=_credentials(settings))
    claims = _verified(settings, about, str(tokens.get("id_token")), attempt.nonce)
    if "userinfo_endpoint" in about and "access_token" in tokens:
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        more = _request("GET", about["userinfo_endpoint"], headers=headers)
        claims = more | claims if more.get("sub") == claims["sub"] else claims
    groups = claims.get(settings.oidc_groups_claim) or []
    return Identity(
        subject=f"{settings.oidc_issuer} {claims['sub']}",
        name=str(claims.get("preferred_username") or claims.get("email") or claims["sub"])[:200],
        groups=tuple(map(str, groups)) if isinstance(groups, list) else (str(groups),),
    )


def _credentials(settings: Settings) -> httpx.BasicAuth:
    return httpx.BasicAuth(settings.oidc_client_id or "", settings.oidc_client_secret or "")


def _discover(settings: Settings) -> dict[str, Any]:
    about = _request("GET", f"{(settings.oidc_issuer or '').rstrip('/')}/.well-known/openid-configuration")
    if about.get("issuer") != settings.oidc_issuer:
        raise ProviderAway(f"the provider says that its issuer is {about.get('issuer')}")
    return about


def _verified(settings: Settings, about: dict[str, Any], token: str, nonce: str) -> dict[str, Any]:
    keys = KeySet.import_key_set(_request("GET", about["jwks_uri"]))  # type: ignore[arg-type] # checked by joserfc
    expected = jwt.JWTClaimsRegistry(
        leeway=LEEWAY_S,
        iss={"essential": True, "value": settings.oidc_issuer or ""},
        aud={"essential": True, "value": settings.oidc_client_id or ""},
        nonce={"essential": True, "value": nonce},
        exp={"essential": True},
        sub={"essential": True},
    )
    try:
        claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
        expected.validate(claims)
    except (JoseError, ValueError) as error:
        raise Forbidden(REFUSED) from error
    return claims


def _request(method: str, url: str, **options: Any) -> dict[str, Any]:
    """The answer's JSON object. Raises ProviderAway."""
    try:
        answer = httpx.request(method, url, timeout=TIMEOUT_S, **options)
        content = answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise ProviderAway(f"{url}: {error}") from error
    if not isinstance(content, dict):
        raise ProviderAway(f"{url} did not answer with a JSON object")
    return content
