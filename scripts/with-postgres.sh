#!/bin/sh
# Runs a command beside a PostgreSQL of its own, named in SHOPDESK_TEST_POSTGRES_URL, and takes the
# server down with its data afterwards. Installs Debian's package when there is no PostgreSQL.
#
#     sh scripts/with-postgres.sh .venv/bin/pytest tests/store
set -eu

if [ -n "${SHOPDESK_TEST_POSTGRES_URL:-}" ]; then
    exec "$@"
fi

find_binaries() {
    for folder in /usr/lib/postgresql/*/bin /usr/local/pgsql/bin \
        "$(pg_config --bindir 2>/dev/null || true)"; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && [ -x "$folder/postgres" ]; then
            printf '%s\n' "$folder"
            return 0
        fi
    done
    return 1
}

if ! binaries=$(find_binaries); then
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "with-postgres: no PostgreSQL server found, and no apt-get to install one with." >&2
        echo "  Remedy: install PostgreSQL 14 or newer, or name a server in which databases may be" >&2
        echo "  created: SHOPDESK_TEST_POSTGRES_URL=postgresql://user:password@host/postgres" >&2
        exit 1
    fi
    SUDO=
    [ "$(id -u)" = 0 ] || SUDO=sudo
    $SUDO apt-get update -qq
    # No cluster of the system's: the tests make their own.
    DEBIAN_FRONTEND=noninteractive $SUDO apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Options::=--force-confold postgresql >/dev/null
    binaries=$(find_binaries)
fi

data=$(mktemp -d)
# PostgreSQL refuses to run as root.
as=
if [ "$(id -u)" = 0 ]; then
    as="runuser -u postgres --"
    chown postgres "$data"
fi
port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

finish() {
    $as "$binaries/pg_ctl" -D "$data/cluster" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$data"
}
trap finish EXIT
trap 'exit 130' INT TERM

here=$(pwd)
cd /
$as "$binaries/initdb" -D "$data/cluster" -U shopdesk --auth=trust -E UTF8 --locale=C >/dev/null
$as "$binaries/pg_ctl" -D "$data/cluster" -l "$data/log" -w \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$data -c fsync=off" \
    start >/dev/null || { cat "$data/log" >&2; exit 1; }
cd "$here"

SHOPDESK_TEST_POSTGRES_URL="postgresql://shopdesk@127.0.0.1:$port/postgres" "$@"
