#!/bin/sh
# Checks the images' recipes and the compose file without a container engine and without network.
# The tools come with the development environment; ends with 1 when one of them finds something.
set -u
cd "$(dirname "$0")/.."
BIN=${BIN:-.venv/bin}
status=0

check() {
    "$@" || status=1
}

check "$BIN/hadolint" --config docker/hadolint.yml docker/*.Dockerfile
check "$BIN/yamllint" --strict -c docker/yamllint.yml docker/compose.yml docker/*lint.yml
check "$BIN/check-jsonschema" --builtin-schema vendor.compose-spec docker/compose.yml
for script in docker/*.sh; do
    check sh -n "$script"
done
exit "$status"
