#!/bin/sh
# Installs Chromium and a Chinese font from Debian's packages when no Chromium is there.
set -eu
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if ! command -v apt-get >/dev/null 2>&1; then
    echo "browser: no chromium on PATH, and no apt-get to install it with." >&2
    echo "  Remedy: install Chromium with your system's package manager, then run make test again." >&2
    exit 1
fi
SUDO=
[ "$(id -u)" = 0 ] || SUDO=sudo
$SUDO apt-get update -qq
DEBIAN_FRONTEND=noninteractive $SUDO apt-get install -y -qq --no-install-recommends \
    chromium fonts-noto-cjk fonts-noto-color-emoji >/dev/null
