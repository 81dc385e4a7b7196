"""TypeScript's compiler finds nothing wrong with the widget's scripts, by the frames' own types."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.widget.stand_in import ROOT

WIDGET = ROOT / "gateway" / "widget"


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(ROOT / "scripts" / "types.sh"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240)


@pytest.fixture(scope="module", autouse=True)
def compiler() -> None:
    """Skips where the compiler cannot be had."""
    if shutil.which("npx") is None:
        pytest.skip("there is no npx: Node.js is not installed")
    command = ["npx", "--yes", "--package", "typescript@5.9.3", "tsc", "--version"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=240)
    if found.returncode:
        pytest.skip(f"npx cannot get the compiler: {found.stderr.strip()[-300:]}")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The widget, to break something in it."""
    return shutil.copytree(WIDGET, tmp_path / "widget")


def test_the_scripts_fit_each_other_and_the_protocol() -> None:
    result = check(WIDGET)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("script", "right", "wrong", "complaint"),
    [
        ("connection.js", '{ type: "logout" }', '{ type: "log_out" }', "connection.js"),
        ("connection.js", "frame.resumed", "frame.continued", "'continued' does not exist"),
        ("outbox.js", 'case "contacted":', 'case "contact":', "is not comparable"),
        ("transcript.js", "message.seq, message", "message.id, message", "not assignable"),
    ],
)
def test_a_frame_used_wrongly_is_found(
    copy: Path, script: str, right: str, wrong: str, complaint: str
) -> None:
    path = copy / "static" / script
    text = path.read_text("utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong), "utf-8")
    result = check(copy)
    assert result.returncode != 0
    assert complaint in result.stdout
