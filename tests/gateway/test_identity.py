"""What the shop's server may say of a customer, and what nobody else may."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadIdentity, GatewayError
from gateway.identity import Claims, Identity

SECRET = "the shop's secret, 32 characters!"
IDENTITY = Identity(SECRET)


@dataclass(frozen=True)
class Later:
    """So many seconds after the token is made; the list of cases is made long before."""

    seconds: int


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    given = {"sub": "customer-7", "exp": Later(600), **changes}
    return {
        name: now + value.seconds if isinstance(value, Later) else value
        for name, value in given.items()
        if value is not None
    }


def sign(key: Any = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm)


def pem(key: Any) -> str:
    encoded: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return encoded.decode()


ED25519 = ed25519.Ed25519PrivateKey.generate()
P256 = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65537, 2048)


def part(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def hs256(header: Any, body: Any, key: bytes = SECRET.encode()) -> str:
    """A token signed by hand, for what a library refuses to make."""
    signed = f"{part(header)}.{part(body)}"
    return f"{signed}.{part(hmac.digest(key, signed.encode(), hashlib.sha256))}"


def test_a_customer_is_who_the_shop_says() -> None:
    token = sign(name="Ann Lee", email="ann@Shop.example", aud="shopdesk", iat=int(time.time()))
    assert IDENTITY.verify(token) == Claims("customer-7", "Ann Lee", "ann@shop.example")
    assert IDENTITY.verify(sign()) == Claims("customer-7", None, None)
    assert IDENTITY.verify(sign(aud=["crm", "shopdesk"])).external_id == "customer-7"


@pytest.mark.parametrize(
    ("key", "other", "algorithm"),
    [
        (ED25519, ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
        (P256, ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (RSA, rsa.generate_private_key(65537, 2048), "RS256"),
    ],
)
def test_a_public_key_says_the_algorithm(key: Any, other: Any, algorithm: str) -> None:
    identity = Identity(public_key=pem(key))
    assert identity.verify(sign(key, algorithm)).external_id == "customer-7"
    with pytest.raises(BadIdentity, match="Signature verification failed"):
        identity.verify(sign(other, algorithm))


@pytest.mark.parametrize("key", [ED25519, P256, RSA])
def test_the_public_key_is_no_secret(key: Any) -> None:
    """The old trick: HS256, with the public key's text as the secret."""
    text = pem(key)
    identity = Identity(public_key=text)
    for secret in (text, text.strip()):
        forged = hs256({"alg": "HS256", "typ": "JWT"}, claims(), secret.encode())
        with pytest.raises(BadIdentity, match="alg"):
            identity.verify(forged)


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", "", None, "HS512", "RS256", 7, []])
def test_another_algorithm_than_the_key_s_is_refused(algorithm: Any) -> None:
    header = {"alg": algorithm, "typ": "JWT"}
    body = f"{part(header)}.{part(claims())}"
    for token in (hs256(header, claims()), f"{body}.", body, f"{body}.{part(b'x')}"):
        with pytest.raises(BadIdentity):
            IDENTITY.verify(token)


def test_a_token_without_an_algorithm_is_refused() -> None:
    with pytest.raises(BadIdentity):
        IDENTITY.verify(hs256({"typ": "JWT"}, claims()))


def test_a_key_that_the_token_brings_along_is_not_used() -> None:
    jwk = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(ED25519.public_key()))
    for header in ({"jwk": jwk}, {"kid": "../../dev/null"}, {"jku": "https://evil.example/k"}):
        with pytest.raises(BadIdentity):
            IDENTITY.verify(jwt.encode(claims(), ED25519, "EdDSA", headers=header))
        with pytest.raises(BadIdentity):
            IDENTITY.verify(hs256({"alg": "HS256", **header}, claims(), b"x" * 32))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": Later(-120)}, "expired"),
        ({"exp": Later(26 * 3_600)}, "good for 26 h more, expected at most 24 h"),
        ({"exp": None}, "exp"),
        ({"exp": "soon"}, "integer"),
        ({"exp": [1]}, "refused"),
        ({"exp": 1e400}, "refused"),
        ({"exp": float("nan")}, "refused"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "1 to 255"),
        ({"sub": "x" * 256}, "1 to 255"),
        ({"sub": "a\u0000b"}, "printable"),
        ({"sub": "a\ud800b"}, "printable"),
        ({"sub": " 7"}, "printable"),
        ({"sub": 7}, "string"),
        ({"sub": ["7"]}, "string"),
        ({"aud": "crm"}, "aud is 'crm', expected 'shopdesk'"),
        ({"aud": []}, "aud is"),
        ({"aud": {"shopdesk": 1}}, "aud is"),
        ({"nbf": Later(600)}, "not yet valid"),
        ({"iat": Later(600)}, "not yet valid"),
    ],
)
def test_what_is_said_must_be_right(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadIdentity, match=reason):
        IDENTITY.verify(hs256({"alg": "HS256"}, claims(**changes)))


def test_clocks_may_differ_a_little() -> None:
    now = int(time.time())
    IDENTITY.verify(sign(exp=now - 30, iat=now + 30, nbf=now + 30))
    IDENTITY.verify(sign(exp=now + 24 * 3_600 + 30))


@pytest.mark.parametrize(
    ("name", "email", "cleaned"),
    [
        ("  Ann\n Lee\u202e\u0000 ", None, ("Ann Lee", None)),
        ("x" * 300, None, ("x" * 255, None)),
        ("李雷", "li@shop.example", ("李雷", "li@shop.example")),
        (" \u0000", "no address", (None, None)),
        (7, ["a@b.example"], (None, None)),
        ("\ud800", "a\u0000@b.example", (None, None)),
        ("Ann", "x" * 400 + "@b.example", ("Ann", None)),
    ],
)
def test_name_and_address_are_cleaned(
    name: Any, email: Any, cleaned: tuple[str | None, str | None]
) -> None:
    found = IDENTITY.verify(hs256({"alg": "HS256"}, claims(name=name, email=email)))
    assert (found.name, found.email) == cleaned


DEEP = b"[" * 2_900  # deeper than Python reads JSON
HEADER = {"alg": "HS256"}


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "é.é.é",
        "\ud800",
        "." * 4_096,
        f"{part(DEEP)}.e30.e30",
        hs256(b'{"alg":' + DEEP, {}),
        hs256(["alg"], {}),
        hs256(HEADER, []),
        hs256(HEADER, DEEP),
        hs256(HEADER, b"1" * 5_000),
        hs256({**HEADER, "crit": ["b64"], "b64": False}, claims()),
    ],
    ids=range(14),
)
def test_nonsense_is_refused(token: str) -> None:
    with pytest.raises(BadIdentity):
        IDENTITY.verify(token)


@given(st.text())
def test_whatever_is_sent_is_refused(token: str) -> None:
    with pytest.raises(BadIdentity):
        IDENTITY.verify(token)


def test_without_a_key_nobody_is_known() -> None:
    for token in (sign(), hs256({"alg": "HS256"}, claims(), b""), sign("x" * 32)):
        with pytest.raises(BadIdentity, match="no identity key is set"):
            Identity().verify(token)


def test_keys_that_cannot_be_used_are_named_at_start() -> None:
    small = rsa.generate_private_key(65537, 1024)  # noqa: S505 - that it is too small is the point
    other_curve = ec.generate_private_key(ec.SECP384R1())
    for arguments, message in (
        ({"secret": "short"}, "has 5 characters, expected at least 32"),
        ({"secret": SECRET, "public_key": pem(RSA)}, "expected one of them"),
        ({"public_key": "not a key"}, "cannot be read; expected a public key in PEM"),
        ({"public_key": pem(small)}, "not taken; expected"),
        ({"public_key": pem(other_curve)}, "not taken; expected"),
    ):
        with pytest.raises(GatewayError, match=message):
            Identity(**arguments)
