"""From the settings of the accounts to the channels."""

import traceback
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.channels.channel import Capabilities
from gateway.channels.configure import AccountSettings, make_channels
from gateway.errors import GatewayError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
URL = "https://shop.example/hooks/shopdesk"


def account(**changes: Any) -> AccountSettings:
    return AccountSettings(**{"url": URL, "secret": SECRET, **changes})


def error_of(name: str = "shop", environment: dict[str, str] | None = None, **changes: Any) -> str:
    with pytest.raises(GatewayError) as refused:
        make_channels({name: account(**changes)}, environment or {})
    return str(refused.value)


def test_an_account(sign: Any) -> None:
    channels = make_channels({"shop": account(), "sms": account(buttons=False, cards=False)})
    assert list(channels) == ["shop", "sms"]
    assert channels["shop"].name == "shop"
    assert channels["sms"].capabilities == Capabilities(buttons=False, cards=False)
    request = sign({"type": "end", "customer": "anna"}, secret=SECRET)
    assert channels["shop"].read(request.headers, request.body)


def test_a_secret_of_the_environment_or_several(sign: Any, secrets: tuple[str, str]) -> None:
    both = " ".join(secrets)
    from_variable = account(secret=(), secret_env="HOOK")
    for settings in (from_variable, account(secret=list(secrets))):
        channels = make_channels({"shop": settings}, {"HOOK": f" {both}\n"})
        for secret in secrets:
            request = sign({"type": "end", "customer": "anna"}, secret=secret)
            assert channels["shop"].read(request.headers, request.body)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9000/x", "http://localhost/x", "http://[::1]:9000", "https://10.0.0.7/x"],
)
def test_urls_that_nobody_reads_on_the_way(url: str) -> None:
    assert make_channels({"shop": account(url=url)})


def test_another_url_may_be_insisted_on() -> None:
    assert make_channels({"shop": account(url="http://shop:80/x", insecure=True)})


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "is missing"),
        ("shop.example/hook", "expected https://HOST/PATH"),
        ("ftp://shop.example", "expected https://HOST/PATH"),
        ("https://", "expected https://HOST/PATH"),
        ("https://shop.example:x/", "expected https://HOST/PATH"),
        ("https://shop.example:0/", "expected https://HOST/PATH"),
        ("https://[bad", "expected https://HOST/PATH"),
        ("https://anna:sesame@shop.example", "holds a user"),
        ("https://shop.example/#x", "a fragment"),
        ("http://shop.example/hook", "insecure = true"),
        ("http://127.0.0.1.shop.example/", "insecure = true"),
    ],
)
def test_urls_that_cannot_be_used(url: str, told: str) -> None:
    message = error_of(url=url)
    assert "[channels.shop] url" in message
    assert told in message
    assert "sesame" not in message


@pytest.mark.parametrize(
    ("secret", "told"),
    [
        ((), "is missing or empty"),
        ("", "is missing or empty"),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "does not begin with whsec_"),
        ("whsec_not base64 at all, that", "is not base64"),
        ("whsec_é", "is not base64"),
        ("whsec_c2hvcnQ=", "holds 5 bytes, expected at least 24"),
        ([SECRET, "whsec_c2hvcnQ="], "holds 5 bytes"),
    ],
)
def test_secrets_that_cannot_be_used(secret: Any, told: str) -> None:
    message = error_of(secret=secret)
    assert told in message
    assert "openssl rand" in message


def test_a_variable_that_is_not_set_is_named() -> None:
    assert "HOOK" in error_of(secret=(), secret_env="HOOK")


def test_a_secret_in_two_places() -> None:
    assert "both set" in error_of(secret_env="HOOK", environment={"HOOK": SECRET})


@pytest.mark.parametrize("name", ["", "Shop", "a/b", "../x", "x" * 65, "-x", "widget", "ä"])
def test_names_that_cannot_be_used(name: str) -> None:
    assert "is called" in error_of(name)


def test_what_is_no_setting_is_refused() -> None:
    with pytest.raises(ValidationError, match="sekret"):
        account(sekret=SECRET)
    with pytest.raises(ValidationError):
        account(kind="telegram")


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": SECRET[:-3] + "!!!"},
        {"secret": "x" + SECRET},
        {"secret": "whsec_" + SECRET[6:20]},
        {"url": "http://shop.example"},
        {"url": "", "secret": SECRET},
    ],
)
def test_no_secret_is_told(changes: dict[str, Any]) -> None:
    with pytest.raises(GatewayError) as refused:
        make_channels({"shop": account(**changes)})
    told = "".join(traceback.format_exception(refused.value)) + repr(account(**changes))
    assert SECRET[6:20] not in told


@pytest.mark.parametrize(
    "table", [SECRET, *({"secret": secret} for secret in (5, {"a": SECRET}, [SECRET, 5]))]
)
def test_a_secret_in_a_wrong_place_is_an_error_that_may_be_shown_without_its_input(
    table: Any,
) -> None:
    with pytest.raises(ValidationError) as refused:
        AccountSettings.model_validate(table)
    (problem,) = refused.value.errors(include_input=False)
    assert problem["type"] == "value_error"
    assert SECRET[6:20] not in problem["msg"]
