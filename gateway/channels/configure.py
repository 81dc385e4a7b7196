"""From the settings of the accounts to the channels."""

import base64
import binascii
import os
import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr, model_validator

from gateway.channels.channel import Capabilities, Channel
from gateway.errors import GatewayError
from store.records import WIDGET

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_PREFIX = "whsec_"
_SHORTEST_SECRET = 24  # bytes, as Standard Webhooks has it
_REMEDY = "make one with `echo whsec_$(openssl rand -base64 32)`"


def _secrets(value: Any) -> tuple[SecretStr, ...]:
    """One text or several. Errors say nothing of the value: whoever shows them could show it."""
    values = (value,) if isinstance(value, str | SecretStr) else value
    if not isinstance(values, list | tuple):
        raise ValueError("expected a text, or a list of texts")
    plain = [one.get_secret_value() if isinstance(one, SecretStr) else one for one in values]
    if not all(isinstance(one, str) for one in plain):
        raise ValueError("expected a text, or a list of texts")
    return tuple(SecretStr(one.strip()) for one in plain if one.strip())


class AccountSettings(BaseModel):
    """The table ``[channels.NAME]`` of the settings.

    Attributes:
        url: where the shop's system takes what it is told.
        secret: shared with it; while it is changed, several, the newest first.
        secret_env: the name of the variable that holds it instead, several separated by spaces.
        buttons: whether the shop's system can show quick replies; if not, they become text.
        cards: the same for product cards.
        insecure: whether the url may be ``http:`` and yet lead to another machine.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # No field is required: the message about a missing one would show the others, the secret too.
    kind: Literal["webhook"] = "webhook"
    url: str = ""
    secret: Annotated[tuple[SecretStr, ...], BeforeValidator(_secrets)] = ()
    secret_env: str = ""
    buttons: bool = True
    cards: bool = True
    insecure: bool = False

    @model_validator(mode="before")
    @classmethod
    def _is_a_table(cls, value: Any) -> Any:
        """Somebody may have written the secret itself, which the usual message would show."""
        if not isinstance(value, Mapping | AccountSettings):
            raise ValueError("expected a table of settings")
        return value


def make_channels(
    accounts: Mapping[str, AccountSettings], environment: Mapping[str, str] | None = None
) -> dict[str, Channel]:
    """The channels of the shop's accounts, by their names.

    Args:
        environment: where ``secret_env`` is looked up; the process's own if None.

    Raises:
        GatewayError: an account cannot be used; says which, what was found, what was expected.
    """
    # Whoever only reads the settings needs no HTTP client.
    from gateway.channels.webhook import WebhookChannel

    environment = os.environ if environment is None else environment
    channels: dict[str, Channel] = {}
    for name, account in accounts.items():
        _check_name(name)
        _check_url(name, account)
        channels[name] = WebhookChannel(
            name,
            url=account.url,
            secrets=_checked_secrets(name, account, environment),
            capabilities=Capabilities(buttons=account.buttons, cards=account.cards),
        )
    return channels


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or name == WIDGET:
        raise GatewayError(
            f"a channel's account is called {name!r}; expected 1 to 64 small letters, digits, - "
            f"or _, and not {WIDGET!r}: rename the table [channels.{name}]"
        )


def _check_url(name: str, account: AccountSettings) -> None:
    where = f"[channels.{name}] url"
    if not account.url:
        raise GatewayError(f"{where} is missing; expected where your system takes the messages")
    try:
        parts = urlsplit(account.url)
        usable = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise GatewayError(f"{where} cannot be used; expected https://HOST/PATH")
    if parts.username or parts.password or parts.fragment:
        raise GatewayError(
            f"{where} holds a user, a password or a fragment; expected none: deliveries prove "
            "themselves by their signature"
        )
    if parts.scheme == "http" and not account.insecure and not _is_loopback(parts):
        raise GatewayError(
            f"{where} is http://{parts.hostname}, which anybody on the way can read; expected "
            "https:, or set insecure = true if the network between is your own"
        )


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _checked_secrets(
    name: str, account: AccountSettings, environment: Mapping[str, str]
) -> list[str]:
    where = f"[channels.{name}] secret"
    secrets = [secret.get_secret_value() for secret in account.secret]
    if account.secret_env:
        if secrets:
            raise GatewayError(f"{where} and secret_env are both set; expected one of them")
        where = f"the variable {account.secret_env}, named by [channels.{name}] secret_env,"
        secrets = environment.get(account.secret_env, "").split()
    if not secrets:
        raise GatewayError(f"{where} is missing or empty; {_REMEDY}")
    for secret in secrets:
        if not secret.startswith(_PREFIX):
            raise GatewayError(f"{where} does not begin with {_PREFIX}; {_REMEDY}")
        try:
            key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raise GatewayError(f"{where} is not base64 after {_PREFIX}; {_REMEDY}") from None
        if len(key) < _SHORTEST_SECRET:
            raise GatewayError(
                f"{where} holds {len(key)} bytes, expected at least {_SHORTEST_SECRET}; {_REMEDY}"
            )
    return secrets
