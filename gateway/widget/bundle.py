"""The widget in one script and one style sheet, made from its modules when the gateway starts.

The sources stay plain ES modules, which any web server can serve as they are. Served so, a page
would load some thirty small files, several deep, before the chat shows.
"""

import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from gateway.errors import GatewayError

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
_ANOTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_STYLE_IMPORT = re.compile(r'^@import "([\w/.-]+)";\n', re.MULTILINE)


def bundle(folder: Path) -> Mapping[Path, str]:
    """What to serve instead of ``shopdesk.js`` and ``style.css``.

    Args:
        folder: with ``shopdesk.js``, the modules that it imports, and ``style.css``, which holds
            nothing but ``@import`` lines.

    Returns:
        Their texts by their paths.

    Raises:
        GatewayError: a file is missing, modules import each other in a circle, or one imports or
            exports in another way than ``import { a, b as c } from "./x.js"``, ``export const``,
            ``export function`` and ``export class``.
    """
    script, style = folder / "shopdesk.js", folder / "style.css"
    return {script: _bundle_script(script), style: _bundle_style(style)}


def _bundle_style(style: Path) -> str:
    return _STYLE_IMPORT.sub(lambda line: _read(style.parent / line[1]), _read(style))


def _bundle_script(entry: Path) -> str:
    sources: dict[str, str] = {}
    imports: dict[str, list[str]] = {}
    wanted = [entry.name]
    while wanted:
        name = wanted.pop()
        if name in sources:
            continue
        made = name == "languages.js"
        sources[name] = _languages(entry.parent) if made else _read(entry.parent / name)
        imports[name] = [found[2] for found in _IMPORT.finditer(sources[name])]
        wanted.extend(imports[name])
    try:
        order = tuple(TopologicalSorter(imports).static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise GatewayError(
            f"the widget's modules import each other: {circle}; expected no circle"
        ) from error
    return "".join(_wrapped(name, sources[name], order) for name in order)


def _languages(folder: Path) -> str:
    """The list of languages as it is: one more is one more file of texts."""
    names = sorted(path.stem for path in (folder / "texts").glob("*.json"))
    return f"export const LANGUAGES = {names};\n"


def _wrapped(name: str, source: str, order: tuple[str, ...]) -> str:
    """The module as a function that is called at once and gives what it exports."""

    def taken(line: re.Match[str]) -> str:
        names = re.sub(r"\bas\b", ":", line[1])
        # `{ a as b }` is `{ a: b }` where it is taken out of an object.
        return f"const {{{names}}} = module{order.index(line[2])};\n"

    body = _IMPORT.sub(taken, source)
    exported = [found[1] for found in _EXPORT.finditer(body)]
    body = _EXPORT.sub("", body)
    if left := _ANOTHER.search(body):
        raise GatewayError(
            f'{name}: {left[0]!r}; expected import {{ a }} from "./x.js", or export before a '
            "constant, a function or a class"
        )
    return (
        f"const module{order.index(name)} = (() => {{\n{body}\n"
        f"return {{ {', '.join(exported)} }};\n}})();\n"
    )


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise GatewayError(f"{path}: {error}; expected one of the widget's files") from error
