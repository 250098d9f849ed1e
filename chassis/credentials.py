"""The token with which one service shows another who it is: signed with a shared key, good for a minute.

Whoever holds the key can issue in any name, so it is given only to services that trust each other.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

ALGORITHMS = ["HS256"]  # pinned: a token does not choose how it is checked
LIFETIME = timedelta(seconds=60)
LEEWAY = timedelta(seconds=5)  # for the difference between two machines' clocks


class InvalidCredential(Exception):  # noqa: N818 - reads as what it says in an `except`
    """The token does not show that an allowed service made this call."""


def issue(key: str, *, issuer: str, audience: str, now: datetime) -> str:
    claims = {"iss": issuer, "aud": audience, "iat": now, "exp": now + LIFETIME}
    return jwt.encode({"alg": ALGORITHMS[0]}, claims, OctKey.import_key(key), algorithms=ALGORITHMS)


def verify(key: str, token: str, *, audience: str, issuers: Collection[str], now: datetime) -> str:
    """Give the issuer, or raise InvalidCredential."""
    signing_key = OctKey.import_key(key)
    rules = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=int(LEEWAY.total_seconds()),
        iss={"essential": True},
        aud={"essential": True, "value": audience},
        iat={"essential": True},
        exp={"essential": True},
    )
    try:
        claims = jwt.decode(token, signing_key, algorithms=ALGORITHMS).claims
        rules.validate(claims)
    except (JoseError, ValueError) as error:  # ValueError: bytes that are no text
        raise InvalidCredential(str(error)) from error
    # Checked here, because the registry takes an empty list of allowed values for "any".
    if claims["iss"] not in issuers:
        raise InvalidCredential(f"{claims['iss']!r} may not make this call")
    return str(claims["iss"])
