#!/bin/sh
# Makes the two Python environments from the lock files; does nothing when they are up to date.
#
#   .venv       Python 3.11-3.13: everything but Rasa
#   .venv-rasa  Python 3.10: Rasa 3.6.21, which pins its own numpy, TensorFlow, sanic and websockets
#   .uv         the installer, when none is on PATH
#
# An interpreter counts only when it has been run: a pyenv shim on PATH may refuse to start.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }
fail() { say "setup: $*"; exit 1; }

# is_python PATH MINOR: whether PATH runs and is CPython 3.MINOR on a machine of 64 bits.
is_python() {
    "$1" -c "import sys; sys.exit(sys.version_info[:2] != (3, $2) or sys.maxsize < 2**32)" \
        >/dev/null 2>&1
}

# find_python MINOR: prints a Python 3.MINOR from PATH or from pyenv's versions.
find_python() {
    pyenv_versions="${PYENV_ROOT:-$(pyenv root 2>/dev/null || echo "$HOME/.pyenv")}/versions"
    for candidate in "$(command -v "python3.$1" 2>/dev/null || true)" \
        "$(command -v python3 2>/dev/null || true)" "$pyenv_versions"/3."$1".*/bin/python; do
        if [ -n "$candidate" ] && is_python "$candidate" "$1"; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    return 1
}

find_any_python() {
    for minor in 11 12 13 10 9; do find_python "$minor" && return 0; done
    return 1
}

# The installer: uv, in an environment of its own, so that its version is known.
get_uv() {
    wanted=$(cat requirements/uv.txt)
    if [ -x .uv/bin/uv ] && [ "uv==$(.uv/bin/uv --version | cut -d' ' -f2)" = "$wanted" ]; then
        UV=.uv/bin/uv
        return
    fi
    if python=$(find_any_python); then
        if "$python" -m venv --clear .uv >/dev/null 2>&1 &&
            .uv/bin/python -m pip install -q --disable-pip-version-check "$wanted" >&2; then
            UV=.uv/bin/uv
            return
        fi
        rm -rf .uv
    fi
    if command -v uv >/dev/null 2>&1; then
        UV=$(command -v uv)
        return
    fi
    fail "no way to install packages.
  Looked for: Python 3.9 to 3.13 with the venv module (on PATH, under pyenv), then uv on PATH.
  Remedy: on Debian or Ubuntu 'apt-get install python3 python3-venv', elsewhere install uv from
  its own page, and check that the Python package registry can be reached; then run make again."
}

# need_python MINOR...: prints the first that is found, else installs the first through uv.
need_python() {
    for minor in "$@"; do find_python "$minor" && return 0; done
    say "Python 3.$1 was not found; asking uv to install it"
    "$UV" python install "3.$1" >&2 && "$UV" python find "3.$1" && return 0
    fail "Python 3.$1 is needed and could not be installed.
  Looked for: python3.$1 and python3 on PATH, pyenv's versions, 'uv python install 3.$1'.
  Remedy: install it with your system's package manager or 'pyenv install 3.$1', then run make again."
}

# A folder or page of wheels that pip was told of is honoured by uv too.
find_links() {
    if [ -n "${UV_FIND_LINKS:-}" ]; then
        printf '%s\n' "$UV_FIND_LINKS"
    elif [ -n "${PIP_FIND_LINKS:-}" ]; then
        printf '%s\n' "$PIP_FIND_LINKS"
    elif python=$(find_any_python); then
        "$python" -m pip config get global.find-links 2>/dev/null || true
    fi
}

# torch: the CPU build. On Linux the plain package is the CUDA one, several gigabytes larger, so
# first a wheel of the CPU build that is at hand, then PyTorch's own index, then the plain one.
install_torch() {
    torch=$(cat requirements/torch.txt)
    links=$(find_links)
    if [ -n "$links" ] && "$UV" pip install -q --python .venv --no-deps --no-index \
        --find-links "$links" "$torch" >/dev/null 2>&1; then
        return
    fi
    if [ "$(uname -s)" = Linux ]; then
        "$UV" pip install --python .venv --no-deps --torch-backend cpu "$torch" >&2 && return
        say "setup: the CPU build of $torch could not be reached; taking the plain one (large)"
    fi
    "$UV" pip install --python .venv "$torch" >&2 || fail "could not install $torch.
  Remedy: check the network, or name a folder that holds its wheel in PIP_FIND_LINKS."
}

stamp() { cat "$@" | cksum; }
fresh() { [ -x "$1/bin/python" ] && [ "$(cat "$1/.lock-stamp" 2>/dev/null)" = "$2" ]; }

app_stamp=$(stamp requirements/app.lock requirements/torch.txt pyproject.toml scripts/setup.sh)
rasa_stamp=$(stamp requirements/rasa.lock requirements/rasa-without.txt scripts/setup.sh)
# An environment that was moved or copied still names its old place: the stamp holds the place too.
app_stamp="$app_stamp $(pwd)"
rasa_stamp="$rasa_stamp $(pwd)"

if fresh .venv "$app_stamp" && fresh .venv-rasa "$rasa_stamp"; then
    exit 0
fi

# Two at once would write over each other.
if ! mkdir .setup-lock 2>/dev/null; then
    fail "another set-up is running, or one was killed.
  Remedy: wait for it; if there is none, remove the folder .setup-lock and run make again."
fi
trap 'rmdir .setup-lock' EXIT
trap 'exit 130' INT TERM

get_uv
if ! fresh .venv "$app_stamp"; then
    python=$(need_python 11 12 13)
    say "Installing the assistant's packages into .venv ($("$python" --version))"
    "$UV" venv -q --clear --python "$python" .venv
    install_torch
    "$UV" pip install -q --python .venv -r requirements/app.lock >&2 ||
        fail "could not install requirements/app.lock; check the network and run make again"
    "$UV" pip install -q --python .venv --no-deps -e . >&2 ||
        fail "could not install shopdesk itself into .venv"
    printf '%s\n' "$app_stamp" > .venv/.lock-stamp
fi
if ! fresh .venv-rasa "$rasa_stamp"; then
    python=$(need_python 10)
    say "Installing Rasa into .venv-rasa ($("$python" --version))"
    "$UV" venv -q --clear --python "$python" .venv-rasa
    "$UV" pip install -q --python .venv-rasa -r requirements/rasa.lock \
        --override requirements/rasa-without.txt >&2 ||
        fail "could not install requirements/rasa.lock; check the network and run make again"
    printf '%s\n' "$rasa_stamp" > .venv-rasa/.lock-stamp
fi
