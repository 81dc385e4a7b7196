#!/bin/sh
# Installs Redis from Debian's packages when there is none: the tests start one of their own.
set -eu
command -v redis-server >/dev/null 2>&1 && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "redis: no redis-server on PATH, and no apt-get to install it with." >&2
    echo "  Remedy: install Redis with your system's package manager, then run make test again." >&2
    exit 1
fi
SUDO=
[ "$(id -u)" = 0 ] || SUDO=sudo
$SUDO apt-get update -qq
DEBIAN_FRONTEND=noninteractive $SUDO apt-get install -y -qq --no-install-recommends \
    redis-server >/dev/null
