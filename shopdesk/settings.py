"""Every setting, read once from ``shopdesk.toml`` and from ``SHOPDESK_*`` variables.

Only this room reads settings; the others take plain arguments. The file is looked for in the
project's folder, or at ``SHOPDESK_SETTINGS``.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from gateway.channels.configure import AccountSettings
from gateway.limits import Limits
from shopdesk.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: relative paths in the settings start here, wherever the command was called."""

Port = Annotated[int, Field(ge=1, le=65535)]


class ShopSettings(BaseModel):
    """The shop system; docs/commerce.md says what each one needs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: Literal["demo", "woocommerce", "shopify"] = "demo"
    url: str = ""
    currency: str = "EUR"
    weight_unit: Literal["kg", "g", "lbs", "oz"] = "kg"
    packing_statuses: tuple[str, ...] = ()
    return_status: str = ""


class ReturnSettings(BaseModel):
    """What the shop promises about returns; see ``commerce.returns.ReturnPolicy``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: Annotated[int, Field(ge=0, le=3650)] = 60
    transit_days: Annotated[int, Field(ge=0, le=365)] = 14
    excluded: tuple[str, ...] = ()


class Settings(BaseSettings):
    """The settings of one installation; ``shopdesk.toml`` describes each for its users."""

    model_config = SettingsConfigDict(env_prefix="SHOPDESK_", extra="forbid", frozen=True)

    state_dir: Path = Path("var")
    knowledge_base: Path = Path("knowledge_base/content")

    host: str = "127.0.0.1"
    port: Port = 8000
    rasa_port: Port = 5005
    actions_port: Port = 5055
    rasa_host: str = "127.0.0.1"
    actions_host: str = "127.0.0.1"
    rasa_url: str = ""
    actions_url: str = ""

    database_url: str = ""
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    session_days: Annotated[int, Field(ge=1, le=3650)] = 30

    identity_secret: str = ""
    identity_public_key: str = ""
    file_scan_command: str = ""
    limits: Limits = Limits()
    limits_storage: str = "memory"
    channels: dict[str, AccountSettings] = Field(default_factory=dict)

    shop: ShopSettings = ShopSettings()
    returns: ReturnSettings = ReturnSettings()
    shop_key: str = ""
    shop_secret: str = ""
    shop_token: str = ""

    bot_encoder: str = ""
    bot_encoder_revision: str = ""

    passages: Annotated[int, Field(ge=1, le=50)] = 5
    index_kind: Literal["auto", "flat", "hnsw", "ivfpq"] = "auto"
    index_folder: str = ""

    writer: Literal["extractive", "seq2seq", "causal"] = "extractive"
    writer_model: str = ""
    writer_revision: str = ""
    writer_deadline: Annotated[float, Field(gt=0, le=45)] = 20.0

    log_level: Literal["debug", "info", "warning", "error"] = "info"

    session_secret: str = ""
    internal_token: str = ""
    rasa_command: str = ""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = TomlConfigSettingsSource(settings_cls, toml_file=settings_file())
        return (init_settings, env_settings, file)

    @field_validator("state_dir", "knowledge_base")
    @classmethod
    def _from_root(cls, path: Path) -> Path:
        return (ROOT / path.expanduser()).resolve()

    @field_validator("bot_encoder")
    @classmethod
    def _model_folder_from_root(cls, model: str) -> str:
        """A folder is told from a hub's name by being there."""
        folder = ROOT / Path(model).expanduser()
        return str(folder.resolve()) if model and folder.is_dir() else model

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _origins(cls, value: Any) -> Any:
        """A variable holds them as one text, separated by commas."""
        if isinstance(value, str):
            return tuple(origin.strip() for origin in value.split(",") if origin.strip())
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _whole_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            parts = urlsplit(origin)
            if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
                message = f"{origin!r} is no origin; write it like https://shop.example"
                raise ValueError(message)
        return origins

    @model_validator(mode="after")
    def _together(self) -> "Settings":
        ports = (self.port, self.rasa_port, self.actions_port)
        if len(set(ports)) < len(ports):
            message = f"port, rasa_port and actions_port must differ, found {ports}"
            raise ValueError(message)
        if self.writer != "extractive" and not self.writer_model:
            message = f"writer = {self.writer!r} needs writer_model, a folder or a hub's model name"
            raise ValueError(message)
        return self

    @property
    def encoder_dir(self) -> Path:
        """MiniLM as ONNX, used by the retriever, and by Rasa unless ``bot_encoder`` is set."""
        return self.state_dir / "models" / "minilm"

    @property
    def bot_encoder_dir(self) -> Path:
        """What Rasa reads messages with, as ONNX: ``bot_encoder``, or else MiniLM."""
        return self.state_dir / "models" / "bot-encoder" if self.bot_encoder else self.encoder_dir

    @property
    def dialogues_file(self) -> Path:
        """Where Rasa keeps its side of the conversations, unless that is in PostgreSQL."""
        return self.state_dir / "trackers.db"

    @property
    def bot_dir(self) -> Path:
        """The trained Rasa model."""
        return self.state_dir / "models" / "rasa"

    @property
    def index_dir(self) -> Path:
        """The search index over the knowledge base."""
        folder = Path(self.index_folder or self.state_dir / "index")
        return (ROOT / folder.expanduser()).resolve()

    @property
    def files_dir(self) -> Path:
        """The files that customers sent."""
        return self.state_dir / "files"

    @property
    def database(self) -> str:
        """The database's URL, SQLite in the state folder unless another is set."""
        return self.database_url or f"sqlite:///{self.state_dir / 'shopdesk.db'}"

    @property
    def rasa(self) -> str:
        """Where Rasa answers."""
        return self.rasa_url.rstrip("/") or f"http://127.0.0.1:{self.rasa_port}"

    @property
    def actions(self) -> str:
        """Where the action server answers."""
        return self.actions_url.rstrip("/") or f"http://127.0.0.1:{self.actions_port}"


def settings_file() -> Path:
    """The file that settings are read from; it need not exist."""
    return Path(os.environ.get("SHOPDESK_SETTINGS", ROOT / "shopdesk.toml"))


def load_settings() -> Settings:
    """Read the settings.

    Raises:
        SettingsError: a value that cannot be used, an unknown name in the file, a file that is
            not TOML; the message names the setting, the value and what was expected.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = "\n".join(_describe(problem) for problem in error.errors())
        raise SettingsError(
            f"Settings that cannot be used:\n{problems}",
            f"correct them in {settings_file()} or in the SHOPDESK_* variables.",
        ) from None
    except (ValueError, OSError) as error:
        raise SettingsError(
            f"The settings file {settings_file()} cannot be read: {error}",
            "it is TOML, one `name = value` a line, texts in quotes; correct that line.",
        ) from None


def _describe(problem: Any) -> str:
    name = ".".join(map(str, problem["loc"])) or "settings"
    if problem["type"] == "extra_forbidden":
        return f"  {name}: there is no such setting"
    value = "" if problem["type"] == "value_error" else f" (found {problem['input']!r})"
    return f"  {name}: {problem['msg'].removeprefix('Value error, ')}{value}"
