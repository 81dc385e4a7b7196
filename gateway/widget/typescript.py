"""TypeScript's declarations of what JSON Schemas describe: as much of both as the frames need."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.errors import GatewayError

_HEAD = "// Generated from the gateway's frames by `python -m gateway.widget.schemas`.\n"
_PLAIN = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}


def declarations(schemas: Mapping[str, Mapping[str, Any]]) -> str:
    """A ``.d.ts`` module that exports each schema as a type, and their ``$defs`` as interfaces.

    Args:
        schemas: JSON Schemas by the names of their types.

    Raises:
        GatewayError: a schema uses what cannot be said here, or two of them use one name
            differently.
    """
    definitions: dict[str, Mapping[str, Any]] = {}
    for schema in schemas.values():
        for name, definition in schema["$defs"].items():
            if definitions.setdefault(name, definition) != definition:
                raise GatewayError(f"{name} is defined in two ways; expected another name for one")
    parts = [f"export type {name} = {_type(schema)};\n" for name, schema in schemas.items()]
    parts += [_interface(name, definition) for name, definition in sorted(definitions.items())]
    return "\n".join([_HEAD, *parts])


def _interface(name: str, definition: Mapping[str, Any]) -> str:
    required = definition.get("required", ())
    lines = (
        f"  {field}{'' if field in required else '?'}: {_type(schema)};\n"
        for field, schema in definition["properties"].items()
    )
    return "".join([*_comment(definition), f"export interface {name} {{\n", *lines, "}\n"])


def _comment(definition: Mapping[str, Any]) -> Iterator[str]:
    match str(definition.get("description", "")).splitlines():
        case []:
            return
        case [line]:
            yield f"/** {line} */\n"
        case lines:
            yield "/**\n"
            yield from (f" * {line}".rstrip() + "\n" for line in lines)
            yield " */\n"


def _type(schema: Mapping[str, Any]) -> str:
    match schema:
        case {"$ref": str(ref)}:
            return ref.rpartition("/")[2]
        case {"const": value}:
            return json.dumps(value)
        case {"enum": values}:
            return " | ".join(map(json.dumps, values))
        case {"oneOf": choices} | {"anyOf": choices}:
            return " | ".join(map(_type, choices))
        case {"type": "array", "items": items}:
            return f"Array<{_type(items)}>"
        case {"type": str(kind)} if kind in _PLAIN:
            return _PLAIN[kind]
    raise GatewayError(f"{json.dumps(schema)} cannot be said in TypeScript here; extend {__name__}")
