"""A service's token: what it shows, and everything that it must not be accepted for."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from chassis.credentials import InvalidCredential, issue, verify

KEY = "a key of at least thirty-two characters"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def accepted(token: str, *, now: datetime = NOW, audience: str = "delivery") -> str:
    return verify(KEY, token, audience=audience, issuers={"rental"}, now=now)


def refused(token: str, *, now: datetime = NOW, audience: str = "delivery") -> None:
    with pytest.raises(InvalidCredential):
        accepted(token, now=now, audience=audience)


def rentals_token() -> str:
    return issue(KEY, issuer="rental", audience="delivery", now=NOW)


def signed(claims: dict[str, Any], algorithm: str = "HS256", key: str = KEY) -> str:
    return jwt.encode({"alg": algorithm}, claims, OctKey.import_key(key), algorithms=[algorithm])


def claims_without(missing: str) -> dict[str, Any]:
    claims: dict[str, Any] = {"iss": "rental", "aud": "delivery", "iat": NOW, "exp": NOW + 60 * SECOND}
    del claims[missing]
    return claims


def test_it_shows_who_issued_it() -> None:
    assert accepted(rentals_token()) == "rental"


def test_it_is_good_for_a_minute_and_the_difference_between_two_clocks() -> None:
    token = rentals_token()
    assert accepted(token, now=NOW + 64 * SECOND) == "rental"
    refused(token, now=NOW + 65 * SECOND)
    assert accepted(token, now=NOW - 5 * SECOND) == "rental"
    refused(token, now=NOW - 6 * SECOND)


def test_it_is_good_for_its_audience_only() -> None:
    refused(rentals_token(), audience="product")


def test_it_is_good_from_allowed_issuers_only() -> None:
    refused(issue(KEY, issuer="information", audience="delivery", now=NOW))
    with pytest.raises(InvalidCredential):
        verify(KEY, rentals_token(), audience="delivery", issuers=(), now=NOW)


def test_it_is_good_with_its_key_only() -> None:
    refused(issue(KEY[::-1], issuer="rental", audience="delivery", now=NOW))


@pytest.mark.parametrize("missing", ["iss", "aud", "iat", "exp"])
def test_every_claim_has_to_be_there(missing: str) -> None:
    refused(signed(claims_without(missing)))


def test_another_algorithm_is_refused_even_with_the_right_key() -> None:
    claims = {"iss": "rental", "aud": "delivery", "iat": NOW, "exp": NOW + 60 * SECOND}
    assert accepted(signed(claims)) == "rental"
    refused(signed(claims, algorithm="HS512"))
    unsigned = urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    refused(f"{unsigned}.{signed(claims).split('.')[1]}.")


def test_a_changed_token_is_refused() -> None:
    head, _, signature = rentals_token().split(".")
    _, claims, _ = issue(KEY, issuer="rental", audience="product", now=NOW).split(".")
    refused(f"{head}.{claims}.{signature}", audience="product")


@example("\ud800 is no text")
@given(st.one_of(st.text(), st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*", fullmatch=True)))
def test_whatever_else_a_caller_sends_is_refused_and_nothing_worse(text: str) -> None:
    refused(text)


def test_a_key_that_is_empty_is_a_mistake_of_ours_and_not_of_the_caller() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        verify("", rentals_token(), audience="delivery", issuers={"rental"}, now=NOW)
