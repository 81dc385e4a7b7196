#!/bin/sh
# Writes requirements/*.lock anew; UPGRADE=1 takes the newest versions instead of keeping what fits.
set -eu
cd "$(dirname "$0")/.."
export UV_CUSTOM_COMPILE_COMMAND="make lock"
UV=.uv/bin/uv
[ -x "$UV" ] || UV=uv
"$UV" pip compile -q ${UPGRADE:+--upgrade} --no-annotate --python .venv pyproject.toml --extra dev \
    --no-emit-package torch --find-links "${PIP_FIND_LINKS:-.}" --no-emit-find-links \
    -o requirements/app.lock
"$UV" pip compile -q ${UPGRADE:+--upgrade} --no-annotate --python .venv requirements/gateway.in \
    -o requirements/gateway.lock
"$UV" pip compile -q ${UPGRADE:+--upgrade} --no-annotate --python .venv requirements/ray.in \
    -o requirements/ray.lock
"$UV" pip compile -q ${UPGRADE:+--upgrade} --no-annotate --python .venv-rasa requirements/rasa.in \
    --override requirements/rasa-without.txt \
    -o requirements/rasa.lock
