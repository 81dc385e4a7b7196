"""The frames of the protocol as JSON Schemas and as TypeScript's types, for makers of clients.

``python -m gateway.widget.schemas`` writes them anew after a change to the frames.
"""

import json
import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from pydantic_core.core_schema import TaggedUnionSchema

from gateway.widget.frames import PROTOCOL, ClientFrame, ServerFrame
from gateway.widget.typescript import declarations

ROOT = Path(__file__).parents[2]
CLIENT_SCHEMA = ROOT / "docs" / "schemas" / "client-frames.schema.json"
SERVER_SCHEMA = ROOT / "docs" / "schemas" / "server-frames.schema.json"
TYPES = ROOT / "gateway" / "widget" / "protocol.d.ts"

JsonSchema = dict[str, Any]


class _Generator(GenerateJsonSchema):
    """Plain JSON Schema, draft 2020-12."""

    def tagged_union_schema(self, schema: TaggedUnionSchema) -> JsonSchema:
        # "discriminator" is OpenAPI's, and validators that are strict refuse the word.
        found = super().tagged_union_schema(schema)
        found.pop("discriminator", None)
        return found

    def field_is_required(self, field: Any, total: bool) -> bool:
        # The gateway leaves nothing out.
        return self.mode == "serialization" or super().field_is_required(field, total)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False  # it would only say the field's name once more


def client_schema() -> JsonSchema:
    """The schema of a frame that a client sends.

    It says nothing of how long the text of a message may be: one that is too long is refused by an
    error that tells so, and the connection goes on.
    """
    return _schema(ClientFrame, "validation", "A frame that a client sends")


def server_schema() -> JsonSchema:
    """The schema of a frame that the gateway sends."""
    frame = Annotated[ServerFrame, Field(discriminator="type")]
    return _schema(frame, "serialization", "A frame that the gateway sends")


def texts() -> dict[Path, str]:
    """What the generated files are to hold, by their paths."""
    client, server = client_schema(), server_schema()
    return {
        CLIENT_SCHEMA: _json(client),
        SERVER_SCHEMA: _json(server),
        TYPES: declarations({"ClientFrame": client, "ServerFrame": server}),
    }


def _schema(frame: Any, mode: JsonSchemaMode, title: str) -> JsonSchema:
    made = TypeAdapter(frame).json_schema(mode=mode, schema_generator=_Generator)
    definitions = made.pop("$defs")
    for definition in definitions.values():
        definition["description"] = _plain(definition["description"])
    return {
        "$schema": _Generator.schema_dialect,
        "title": title,
        "description": f"Version {PROTOCOL} of the chat protocol; see docs/protocol.md.",
        **made,
        "$defs": definitions,
    }


def _plain(docstring: str) -> str:
    """Without reStructuredText's own marks."""
    return re.sub(r"(?::\w+:)?(`+)([^`]*)\1", r"`\2`", docstring)


def _json(schema: JsonSchema) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the files."""
    for path, text in texts().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
