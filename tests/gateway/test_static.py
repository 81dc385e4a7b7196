"""How the widget's files are delivered: in one, small, compressed, asked for by their ETags."""

import gzip
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
from starlette.exceptions import HTTPException

from gateway.errors import GatewayError
from gateway.files import Files, small_files
from gateway.widget.bundle import bundle

WIDGET = Path(__file__).resolve().parents[2] / "gateway" / "widget" / "static"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shopdesk.js").write_text(
        "/** The first. */\n"
        'import { two as second, name } from "./two.js";\n'
        'import {\n  three,\n} from "./three.js";\n\n'
        "const own = `a  ${second()}`;\n"
        "globalThis.told = [own, name, new three().four];\n"
    )
    (tmp_path / "two.js").write_text(
        'import { three } from "./three.js";\n'
        "const own = new three();\n"
        "export function two() {\n  return own.four;\n}\n"
        'export const name = "two"; // not the name of three\n'
    )
    (tmp_path / "three.js").write_text(
        'const name = "3";\nexport class three {\n  four = name;\n}\n'
    )
    (tmp_path / "style.css").write_text('@import "a.css";\n@import "b.css";\n')
    (tmp_path / "a.css").write_text("/* one */\na {\n  color: red;\n}\n")
    (tmp_path / "b.css").write_text("b {\n  color: calc(1px + 2px);\n}\n")
    (tmp_path / "page.txt").write_text("as it is\n")
    return tmp_path


def run(script: str) -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node to run a script with")
    done = subprocess.run(
        [node, "--input-type=module", "-e", script + ";console.log(JSON.stringify(told))"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return done.stdout.strip()


def test_modules_in_one_keep_their_names_apart(folder: Path) -> None:
    made = small_files(folder, bundle)[folder / "shopdesk.js"].plain.decode()
    assert "import" not in made
    assert "The first" not in made
    assert run(made) == '["a  3","two","3"]'


def test_style_sheets_in_one_in_their_order(folder: Path) -> None:
    made = small_files(folder, bundle)[folder / "style.css"].plain.decode()
    assert made == "a{color:red}b{color:calc(1px + 2px)}"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("two.js", 'export default 1;\nexport const two = 1, name = "";\n', "export default 1"),
        ("two.js", 'import * as x from "./three.js";\n', "import \\* as x"),
        ("three.js", 'import { two } from "./two.js";\nexport class three {}\n', "each other"),
        ("three.js", 'import { x } from "./missing.js";\n', "missing.js"),
        ("style.css", '@import "missing.css";\n', "missing.css"),
    ],
)
def test_what_cannot_be_put_in_one(folder: Path, name: str, text: str, message: str) -> None:
    (folder / name).write_text(text)
    with pytest.raises(GatewayError, match=message):
        bundle(folder)


async def fetch(files: Files, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=files)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        client.headers.pop("accept-encoding")
        return await client.request(method, path, headers=headers)


async def test_small_and_compressed(folder: Path) -> None:
    files = Files(folder, instead=bundle)
    plain = await fetch(files, "/style.css")
    assert plain.text == "a{color:red}b{color:calc(1px + 2px)}"
    assert "content-encoding" not in plain.headers
    zipped = await fetch(files, "/style.css", **{"Accept-Encoding": "gzip, br"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.text == plain.text
    for response in (plain, zipped):
        assert response.headers["content-type"] == "text/css; charset=utf-8"
        assert response.headers["vary"] == "Accept-Encoding"
        assert response.headers["cache-control"] == "public, max-age=60"
    assert plain.headers["etag"] != zipped.headers["etag"]


async def test_not_sent_again_while_it_is_the_same(folder: Path) -> None:
    files = Files(folder, instead=bundle)
    tag = (await fetch(files, "/shopdesk.js")).headers["etag"]
    again = await fetch(files, "/shopdesk.js", **{"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    # The same after a restart; another when a part has changed.
    assert (await fetch(Files(folder, instead=bundle), "/shopdesk.js")).headers["etag"] == tag
    (folder / "three.js").write_text('export class three {\n  four = "four";\n}\n')
    anew = await fetch(Files(folder, instead=bundle), "/shopdesk.js", **{"If-None-Match": tag})
    assert anew.status_code == 200


async def test_other_files_as_they_are(folder: Path) -> None:
    files = Files(folder, instead=bundle)
    assert (await fetch(files, "/page.txt")).text == "as it is\n"
    assert (await fetch(files, "/two.js")).text.startswith("import{three}from")
    for path, method, status in (
        ("/../../etc/passwd", "GET", 404),
        ("/missing.js", "GET", 404),
        ("/shopdesk.js", "POST", 405),
    ):
        with pytest.raises(HTTPException) as refused:
            await fetch(files, path, method)
        assert refused.value.status_code == status


def test_the_widget_itself() -> None:
    files = small_files(WIDGET, bundle)
    script, style = files[WIDGET / "shopdesk.js"], files[WIDGET / "style.css"]
    assert gzip.decompress(script.zipped) == script.plain
    assert b"@import" not in style.plain
    # Nothing of it is left out: every module is reached from the first.
    for module in WIDGET.glob("*.js"):
        assert f'"./{module.name}"' not in script.plain.decode()
    parts = {path.name for path in (WIDGET / "style").glob("*.css")}
    assert {line.split('"')[1] for line in (WIDGET / "style.css").read_text().splitlines()} == {
        f"style/{name}" for name in parts
    }
