"""Reads the images' recipes and the compose file; no container engine is asked."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Instruction:
    """`COPY a b` is ("COPY", "a b"); continued lines are joined."""

    name: str
    value: str

    def words(self) -> list[str]:
        """The words without flags, or the parts of the exec form."""
        if self.value.startswith("["):
            return list(json.loads(self.value))
        return [word for word in self.value.split() if not word.startswith("--")]

    def flag(self, name: str) -> str | None:
        found = re.search(rf"--{name}=(\S+)", self.value)
        return found[1] if found else None


@dataclass(frozen=True)
class Stage:
    base: str
    name: str | None
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, name: str) -> list[Instruction]:
        return [item for item in self.instructions if item.name == name]

    def last(self, name: str) -> Instruction:
        found = self.all(name)
        assert found, f"the stage {self.name or 'at the end'} has no {name}"
        return found[-1]

    def environment(self) -> dict[str, str]:
        pairs = (pair for item in self.all("ENV") for pair in item.value.split())
        return dict(pair.split("=", 1) for pair in pairs)


@dataclass(frozen=True)
class Image:
    """One Dockerfile; `stages[-1]` is what runs."""

    name: str
    stages: list[Stage]

    @property
    def final(self) -> Stage:
        return self.stages[-1]

    def all(self, name: str) -> list[Instruction]:
        return [item for stage in self.stages for item in stage.all(name)]

    def sources(self) -> list[str]:
        """What the recipe copies from the repository."""
        copies = [item for item in self.all("COPY") if item.flag("from") is None]
        return [source for item in copies for source in item.words()[:-1]]


def read_image(file: Path) -> Image:
    lines = [line for line in file.read_text().splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    stages: list[Stage] = []
    for line in filter(str.strip, joined.splitlines()):
        name, value = line.split(maxsplit=1)
        if name == "FROM":
            base, _, stage = value.partition(" AS ")
            stages.append(Stage(base, stage or None))
        else:
            stages[-1].instructions.append(Instruction(name, value))
    return Image(file.name.removesuffix(".Dockerfile"), stages)


@pytest.fixture(scope="session")
def images() -> dict[str, Image]:
    files = (ROOT / "docker").glob("*.Dockerfile")
    return {image.name: image for image in map(read_image, files)}


@pytest.fixture(params=["actions", "gateway", "rasa"])
def image(request: pytest.FixtureRequest, images: dict[str, Image]) -> Image:
    return images[request.param]


@pytest.fixture(scope="session")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker/compose.yml").read_text())


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT
