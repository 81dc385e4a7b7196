"""The examples and the numbers of ``docs/security.md`` are those of the code."""

import dataclasses
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway.identity import Claims, Identity
from gateway.limits import Limiter, Limits

PAGE = (Path(__file__).parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
SECRET = "the shop's secret, 32 characters!"
ANN = {"id": 7, "name": "Ann Lee", "email": "ann@shop.example"}
CLAIMS = Claims("7", "Ann Lee", "ann@shop.example")


def example(language: str) -> str:
    (code,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    return str(code)


def test_the_python_example_proves_who_the_customer_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPDESK_IDENTITY_SECRET", SECRET)
    names: dict[str, object] = {}
    exec(example("python"), names)  # noqa: S102 - it is our own page
    chat_token = names["chat_token"]
    assert callable(chat_token)
    assert Identity(SECRET).verify(chat_token(SimpleNamespace(**ANN))) == CLAIMS


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js here")
def test_the_node_example_proves_who_the_customer_is() -> None:
    program = f"{example('js')}\nprocess.stdout.write(chatToken({ANN}));\n"
    done = subprocess.run(
        ["node", "--input-type=module", "-"],
        input=program,
        env={**os.environ, "SHOPDESK_IDENTITY_SECRET": SECRET},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert Identity(SECRET).verify(done.stdout) == CLAIMS


def test_every_limit_is_told_with_its_default() -> None:
    section = PAGE.partition("\n## Limits")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \| (.*?) \|", section, flags=re.MULTILINE)
    told: dict[str, str] = {}
    for names, values in rows:
        told |= zip(re.findall(r"`(\w+)`", names), values.split(", "), strict=True)
    assert told == {
        name: f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in dataclasses.asdict(Limits()).items()
    }


def test_the_example_of_limits_can_be_set() -> None:
    Limiter(Limits(**tomllib.loads(example("toml"))["limits"]))
