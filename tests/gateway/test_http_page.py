"""``docs/http.md`` says what the gateway's own description says, and that says all there is."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gateway.app import create_app
from gateway.problems import REFUSALS
from gateway.uploads.intake import UploadLimits
from store.migrate import migrate

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "http.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```json (\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def described(tmp_path: Path) -> dict[str, Any]:
    """The OpenAPI description of a gateway."""
    url = f"sqlite:///{tmp_path / 'shopdesk.db'}"
    migrate(url)
    app = create_app(
        database_url=url,
        rasa_url="http://127.0.0.1:9",
        rasa_token="a token",
        actions_url="http://127.0.0.1:9",
        action_token="another token",
        secret="a secret for tests, never for a shop",
        files_dir=tmp_path / "files",
        detect_language=lambda _, default: default,
    )
    return app.openapi()


@pytest.fixture
def operations(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Everything that can be asked for, by method and path."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }


def test_the_page_lists_every_route_and_what_it_answers(
    operations: dict[str, dict[str, Any]],
) -> None:
    rows = re.findall(r"^\| `([A-Z]+ /[^`]*)` \|[^|]+\| ([\d, ]+) \|$", PAGE, re.MULTILINE)
    assert {route: set(answers.split(", ")) for route, answers in rows} == {
        route: set(operation["responses"]) for route, operation in operations.items()
    }


def test_every_route_is_described(operations: dict[str, dict[str, Any]]) -> None:
    for route, operation in operations.items():
        assert operation["summary"], route
        assert operation["description"], route
        assert operation["tags"], route
        for status, answer in operation["responses"].items():
            assert answer["description"] != "Successful Response" or status == "200", route
            assert answer["content"], (route, status)


def test_what_wants_a_session_says_so(operations: dict[str, dict[str, Any]]) -> None:
    asking = {route for route, operation in operations.items() if "security" in operation}
    assert asking == {"POST /v1/files", "GET /v1/transcript"}


def test_the_common_refusals_are_described() -> None:
    codes = re.findall(r"^\| (\d+) \| `(\w+)` \|", PAGE, re.MULTILINE)
    assert {int(status) for status, _ in codes} == set(REFUSALS)


@pytest.mark.parametrize(("model", "example"), EXAMPLES)
def test_an_example_is_what_is_described(
    described: dict[str, Any], model: str, example: str
) -> None:
    schema = {"$ref": f"#/components/schemas/{model}", "components": described["components"]}
    found = json.loads(example)
    Draft202012Validator(schema).validate(found)
    assert set(found) == set(described["components"]["schemas"][model]["properties"])


def test_the_largest_file_is_as_described() -> None:
    assert f"at most {UploadLimits().file_bytes / 1e6:g} MB" in PAGE


def test_what_is_linked_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)", PAGE):
        assert (DOCS / target).exists(), target
