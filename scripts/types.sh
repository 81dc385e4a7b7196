#!/bin/sh
# Checks the widget's scripts with TypeScript's compiler: against each other, against the browser's
# interfaces, and against the frames of the protocol. Needs Node, and the npm registry once. What is
# delivered needs neither.
#
#     sh scripts/types.sh [FOLDER]
set -eu

if ! command -v npx >/dev/null 2>&1; then
    echo "types: no npx on PATH. Remedy: install Node.js 18 or newer." >&2
    exit 127
fi
exec npx --yes --package typescript@5.9.3 tsc --project "${1:-gateway/widget}"
