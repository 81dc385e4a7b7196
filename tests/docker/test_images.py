"""What a linter cannot know of the images: that they fit this repository."""

import ast
import importlib.metadata
import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from typer.testing import CliRunner

from shopdesk.cli import app
from shopdesk.settings import Settings

BASE = re.compile(r"python:(?P<minor>3\.\d+)\.\d+-slim-bookworm@sha256:[0-9a-f]{64}")
SETTINGS = {f"SHOPDESK_{name.upper()}" for name in Settings.model_fields} | {"SHOPDESK_SETTINGS"}


def let_in(path: str, patterns: list[str]) -> bool:
    """Whether `.dockerignore` sends `path` along: the last pattern that fits decides."""
    inside = True
    for pattern in patterns:
        again = pattern.startswith("!")
        bare = pattern.removeprefix("!")
        if any(fnmatch(path[: len(path) - len(rest)].rstrip("/"), bare) for rest in tails(path)):
            inside = again
    return inside


def tails(path: str) -> Iterator[str]:
    """What stands after each folder of `path`, so that a pattern for a folder fits all in it."""
    parts = path.split("/")
    yield from ("/".join(parts[i:]) for i in range(1, len(parts) + 1))


def test_there_is_one_image_for_each_process(images: dict[str, Any]) -> None:
    assert set(images) == {"actions", "gateway", "rasa"}


def test_what_is_copied_is_there_and_let_in(image: Any, root: Path) -> None:
    lines = (root / ".dockerignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    assert image.sources()
    for source in image.sources():
        found = sorted(root.glob(source))
        assert found, f"{image.name} copies {source}, which is not there"
        for file in found:
            path = file.relative_to(root).as_posix()
            assert let_in(path, patterns), f".dockerignore keeps {path} out"


@pytest.mark.parametrize("secret", [".env", "docker/.env", "var/keys.json", ".git/config", ".venv"])
def test_nothing_else_is_let_in(secret: str, root: Path) -> None:
    patterns = (root / ".dockerignore").read_text().splitlines()
    assert not let_in(secret, patterns)


def test_stages_are_copied_from_after_they_are_made(image: Any) -> None:
    known: set[str] = set()
    for stage in image.stages:
        sources = [item.flag("from") for item in stage.all("COPY")]
        assert {source for source in sources if source} <= known
        assert stage.base in known or BASE.fullmatch(stage.base), f"{stage.base} is not pinned"
        known.add(stage.name or "")


def test_the_pythons_are_those_of_the_set_up(images: dict[str, Any], root: Path) -> None:
    script = (root / "scripts/setup.sh").read_text()
    app, rasa = (wanted.split() for wanted in re.findall(r"\$\(need_python ([\d ]+)\)", script))
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]

    minors = {
        name: {match["minor"] for stage in image.stages if (match := BASE.fullmatch(stage.base))}
        for name, image in images.items()
    }

    (minor,) = minors["gateway"]
    assert minor.removeprefix("3.") in app
    assert f"{minor}.0" in SpecifierSet(project["requires-python"])
    assert minors["actions"] == {minor}
    assert minors["rasa"] == {minor, f"3.{rasa[0]}"}
    assert f"--python /usr/local/bin/python3.{rasa[0]} .venv-rasa" in " ".join(
        item.value for item in images["rasa"].all("RUN")
    )


def test_the_same_base_is_the_same_everywhere(images: dict[str, Any]) -> None:
    bases = {stage.base for image in images.values() for stage in image.stages if "@" in stage.base}
    assert len({base.split("@")[0] for base in bases}) == len(bases) == 2


def test_the_shared_stage_is_the_same_in_both_images(images: dict[str, Any]) -> None:
    actions, rasa = (
        next(stage for stage in images[name].stages if stage.name == "encoder")
        for name in ("actions", "rasa")
    )
    assert actions == rasa


def test_the_process_is_not_root(image: Any) -> None:
    uid, gid = image.final.last("USER").value.split(":")
    assert int(uid) >= 10_000
    assert int(gid) >= 10_000
    assert image.final.instructions.index(image.final.last("USER")) > max(
        image.final.instructions.index(item) for item in image.final.all("RUN")
    )


def test_the_health_check_asks_the_port_that_the_process_has(image: Any) -> None:
    port = image.final.last("EXPOSE").value
    _, _, command = image.final.last("HEALTHCHECK").value.partition("CMD ")
    setting = "port" if image.name == "gateway" else f"{image.name}_port"

    assert f"http://127.0.0.1:{port}/" in command
    assert "/app/docker/healthcheck.py" in command
    assert "docker/healthcheck.py" in image.sources()
    assert int(port) == Settings.model_fields[setting].default


def test_the_command_serves_the_process_of_the_image(image: Any) -> None:
    assert image.final.last("CMD").words() == ["shopdesk", "serve", image.name]


def exists(command: str) -> bool:
    """Whether `shopdesk` has this command; --help keeps it from running."""
    return CliRunner().invoke(app, [*command.split(), "--help"]).exit_code == 0


def test_every_shopdesk_command_exists(image: Any, root: Path) -> None:
    script = (root / "docker/start.sh").read_text()
    steps = "\n".join(item.value for item in image.all("RUN"))
    called = re.findall(r"^ +shopdesk ([\w ]+)$", script, re.MULTILINE)
    called += re.findall(r"bin/shopdesk ([\w ]+)", steps)
    called.append(" ".join(image.final.last("CMD").words()[1:]))

    assert [command for command in called if not exists(command)] == []


@pytest.mark.parametrize("wrong", ["bild", "index make"])
def test_a_shopdesk_command_that_is_not_there_is_seen(wrong: str) -> None:
    assert not exists(wrong)


def test_every_setting_is_a_real_one(image: Any) -> None:
    steps = " ".join(item.value for item in image.all("RUN"))
    named = set(image.final.environment()) | set(re.findall(r"\b(SHOPDESK_\w+)=", steps))
    used = {name for name in named if name.startswith("SHOPDESK_")}
    assert "SHOPDESK_STATE_DIR" in used
    assert used <= SETTINGS


def test_no_secret_stays_in_the_image(image: Any) -> None:
    kept = " ".join(item.value for name in ("ENV", "ARG", "LABEL") for item in image.all(name))
    assert not re.search(r"TOKEN|SECRET|PASSWORD", kept)


def test_the_functions_that_are_called_exist(image: Any, root: Path) -> None:
    steps = [item.value for item in image.all("RUN")]
    for step in (*steps, (root / "docker/start.sh").read_text()):
        for module, name in re.findall(r"from ([\w.]+) import (\w+)", step):
            file = root / f"{module.replace('.', '/')}.py"
            if module.partition(".")[0] in image.sources():
                tree = ast.parse(file.read_text())
                assert name in {
                    node.name for node in tree.body if isinstance(node, ast.FunctionDef)
                }


# What an image leaves out must not be missed when its process starts.


def eager_imports(file: Path) -> Iterator[str]:
    """The names that are imported as soon as `file` runs: not those in functions but `main`."""
    waiting: list[ast.AST] = [ast.parse(file.read_text())]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            waiting.extend(node.orelse)
        elif (
            not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            or getattr(node, "name", "") == "main"
        ):
            waiting.extend(ast.iter_child_nodes(node))


def loaded_with(files: list[Path], root: Path) -> tuple[set[Path], set[str]]:
    """Our own files, and the foreign packages, that are imported once `files` are."""
    foreign: set[str] = set()
    waiting, seen = list(files), set[Path]()
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        for name in eager_imports(file):
            parts = name.split(".")
            if not (root / parts[0] / "__init__.py").is_file():
                foreign.add(parts[0])
                continue
            for end in range(1, len(parts) + 1):
                place = root.joinpath(*parts[:end])
                candidates = (place / "__init__.py", place.with_suffix(".py"))
                waiting.extend(each for each in candidates if each.is_file())
    return seen, foreign


def locked(file: Path) -> set[str]:
    lines = [line for line in file.read_text().splitlines() if "==" in line]
    return {canonicalize_name(re.split(r"[\[=]", line)[0]) for line in lines}


def distributions_of(packages: set[str]) -> dict[str, set[str]]:
    """The installed distributions of each foreign package; the standard library has none."""
    installed = importlib.metadata.packages_distributions()
    return {
        package: {canonicalize_name(name) for name in installed[package]}
        for package in packages
        if package in installed
    }


@pytest.mark.parametrize(
    ("name", "starts"),
    [
        ("gateway", ["shopdesk/serve.py", "gateway/**/*.py", "store/**/*.py"]),
        ("actions", ["shopdesk/serve.py", "shopdesk/knowledge.py", "actions/**/*.py"]),
        ("rasa", ["shopdesk/serve.py"]),
    ],
)
def test_the_image_holds_what_its_process_imports(
    name: str, starts: list[str], images: dict[str, Any], root: Path
) -> None:
    files = [file for start in ("shopdesk/cli.py", *starts) for file in root.glob(start)]
    loaded, foreign = loaded_with(files, root)

    copied = {place for source in images[name].sources() for place in root.glob(source)}
    left_out = {file for file in loaded if not copied & {file, *file.parents}}
    assert left_out == set()
    if name != "actions":
        # The other two run with the small lock file.
        known = locked(root / "requirements/gateway.lock")
        missing = {
            package for package, owners in distributions_of(foreign).items() if not owners & known
        }
        assert missing == set()
        assert any("-r requirements/gateway.lock" in step.value for step in images[name].all("RUN"))
