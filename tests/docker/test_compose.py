"""The production compose file: only the gateway is public, and its settings are real ones."""

import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from shopdesk.settings import Settings, load_settings

PROCESSES = ("gateway", "rasa", "actions")
SETTINGS = {f"SHOPDESK_{name.upper()}" for name in Settings.model_fields}
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?P<rest>:?[-?+][^}]*)?\}")


@pytest.fixture(params=PROCESSES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    return compose["services"]


@pytest.fixture(scope="module")
def interpolated(root: Path) -> dict[str, str]:
    """The variables that the file takes from .env, each with what follows its name."""
    text = (root / "docker/compose.yml").read_text()
    return {match["name"]: match["rest"] or "" for match in VARIABLE.finditer(text)}


@pytest.fixture(scope="module")
def example(root: Path) -> dict[str, str]:
    """What docker/example.env names, set or commented out."""
    text = (root / "docker/example.env").read_text()
    return dict(re.findall(r"^(?:# )?([A-Z_]+)=(.*)$", text, re.MULTILINE))


def test_the_services_are_the_processes_and_the_database(services: dict[str, Any]) -> None:
    assert set(services) == {*PROCESSES, "postgres"}
    assert services["postgres"]["profiles"] == ["postgres"]


def test_only_the_gateway_publishes_a_port(services: dict[str, Any], images: Any) -> None:
    assert [each for each, service in services.items() if "ports" in service] == ["gateway"]
    (port,) = services["gateway"]["ports"]
    inside = images["gateway"].final.last("EXPOSE").value
    assert port == f"${{SHOPDESK_HOST:-127.0.0.1}}:${{SHOPDESK_PORT:-8000}}:{inside}"


def test_only_the_gateway_has_a_way_to_the_internet(compose: dict[str, Any]) -> None:
    networks, services = compose["networks"], compose["services"]
    closed = {each for each, network in networks.items() if network.get("internal")}
    for each, service in services.items():
        assert "network_mode" not in service
        assert bool(set(service["networks"]) - closed) is (each == "gateway")


def test_a_service_has_no_rights_to_spare(services: dict[str, Any]) -> None:
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in service
        assert "cap_add" not in service
        assert service.get("user", "1:1").split(":")[0] not in ("0", "root")


def test_a_service_comes_back_and_stays_within_limits(services: dict[str, Any]) -> None:
    for service in services.values():
        assert service["restart"] == "unless-stopped"
        limits = service["deploy"]["resources"]["limits"]
        assert set(limits) == {"cpus", "memory", "pids"}


def test_the_image_is_built_from_its_recipe(
    name: str, services: dict[str, Any], root: Path
) -> None:
    version = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    assert services[name]["image"] == f"shopdesk/{name}:{version}"
    assert services[name]["build"] == {"context": "..", "dockerfile": f"docker/{name}.Dockerfile"}
    assert "command" not in services[name]


def test_the_database_is_pinned(services: dict[str, Any]) -> None:
    image = services["postgres"]["image"]
    assert re.fullmatch(r"postgres:\d+\.\d+-bookworm@sha256:[0-9a-f]{64}", image)


def test_a_service_waits_until_what_it_needs_is_healthy(
    services: dict[str, Any], images: Any
) -> None:
    assert set(services["gateway"]["depends_on"]) == {"rasa", "actions", "postgres"}
    for service in services.values():
        for needed, how in service.get("depends_on", {}).items():
            assert how["condition"] == "service_healthy"
            checked = needed in images and images[needed].final.all("HEALTHCHECK")
            assert checked or "healthcheck" in services[needed]
            # Without its profile the database is not there, and must not be waited for.
            assert how.get("required", True) is ("profiles" not in services[needed])


def test_what_is_mounted_is_there(compose: dict[str, Any], root: Path) -> None:
    used = set()
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source, target, *options = volume.split(":")
            if source.startswith("."):
                assert (root / "docker" / source).exists(), f"{source} is not there"
                assert target == f"/app/{source.removeprefix('../')}"
                assert options == ["ro"]
            else:
                used.add(source)
    assert used == set(compose["volumes"])


def test_the_state_folder_can_be_written(name: str, services: dict[str, Any], images: Any) -> None:
    folder = images[name].final.environment()["SHOPDESK_STATE_DIR"]
    volumes = [volume.split(":")[1] for volume in services[name]["volumes"]]
    scratch = [mount.split(":")[0] for mount in services[name]["tmpfs"]]
    assert folder in volumes + scratch
    assert "/tmp" in scratch  # noqa: S108 - the container's


def test_the_settings_can_be_loaded_as_the_container_sees_them(
    name: str, services: dict[str, Any], images: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = images[name].final.environment() | {
        variable: VARIABLE.sub("filled-in", str(value))
        for variable, value in services[name]["environment"].items()
        if value is not None
    }
    assert {each for each in environment if each.startswith("SHOPDESK_")} <= SETTINGS
    for variable in SETTINGS:
        monkeypatch.delenv(variable, raising=False)
    for variable in SETTINGS & set(environment):
        monkeypatch.setenv(variable, environment[variable])

    settings = load_settings()

    assert str(settings.state_dir) == "/data"
    assert settings.internal_token == "filled-in"
    hosts = {"gateway": "host", "rasa": "rasa_host", "actions": "actions_host"}
    ports = {"gateway": "port", "rasa": "rasa_port", "actions": "actions_port"}
    assert getattr(settings, hosts[name]) == "0.0.0.0"  # noqa: S104 - inside a closed network
    assert str(getattr(settings, ports[name])) == images[name].final.last("EXPOSE").value
    for other, url in (("rasa", settings.rasa), ("actions", settings.actions)):
        if f"SHOPDESK_{other.upper()}_URL" in environment:
            parts = urlsplit(url)
            assert parts.hostname in services[name]["depends_on"]
            assert str(parts.port) == images[other].final.last("EXPOSE").value


def test_the_processes_know_where_the_others_are(services: dict[str, Any]) -> None:
    assert {"SHOPDESK_RASA_URL", "SHOPDESK_ACTIONS_URL"} <= set(services["gateway"]["environment"])
    assert "SHOPDESK_ACTIONS_URL" in services["rasa"]["environment"]


def test_the_secrets_are_asked_for_and_go_only_where_they_are_used(
    services: dict[str, Any], interpolated: dict[str, str]
) -> None:
    for secret in ("SHOPDESK_INTERNAL_TOKEN", "SHOPDESK_SESSION_SECRET"):
        assert interpolated[secret].startswith(":?")
    holders = {
        each
        for each, service in services.items()
        if "SHOPDESK_SESSION_SECRET" in service["environment"]
    }
    assert holders == {"gateway"}
    assert "SHOPDESK_INTERNAL_TOKEN" not in services["postgres"]["environment"]


def test_the_example_names_every_variable_and_no_other(
    services: dict[str, Any], interpolated: dict[str, str], example: dict[str, str]
) -> None:
    handed_on = {
        variable
        for service in services.values()
        for variable, value in service["environment"].items()
        if value is None
    }
    assert set(example) == set(interpolated) | handed_on | {"COMPOSE_PROFILES"}
    assert {each for each in example if each.startswith("SHOPDESK_")} <= SETTINGS
    assert example["SHOPDESK_INTERNAL_TOKEN"] == example["SHOPDESK_SESSION_SECRET"] == ""


def test_the_example_leads_to_the_database_service(
    services: dict[str, Any], example: dict[str, str]
) -> None:
    url = urlsplit(example["SHOPDESK_DATABASE_URL"])
    database = services["postgres"]["environment"]
    assert url.hostname == "postgres"
    assert url.username == database["POSTGRES_USER"]
    assert url.path == f"/{database['POSTGRES_DB']}"
    assert example["COMPOSE_PROFILES"] in services["postgres"]["profiles"]
