#!/bin/sh
# Builds .venv from one lock file and installs the checkout into it, editable; only `make` calls it.
# usage: venv.sh LOCK      All chatter goes to stderr, so that `make demo` can own stdout.
set -eu
cd "$(dirname "$0")/.."
lock=$1
venv=.venv
log=.build/install.log
say() { echo "mahlan: $*" >&2; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

candidates=${PYTHON:-python3.13 python3.12 python3.11 python3}

find_python() {
    for name in $candidates; do
        if command -v "$name" >/dev/null 2>&1 && new_enough "$name"; then command -v "$name"; return; fi
    done
    say "Python 3.11 or newer is needed; none of these is one: $candidates"
    say "On Debian or Ubuntu:  sudo apt-get install -y python3 python3-venv"
    say "Elsewhere:            make PYTHON=/path/to/python3.12 ..."
    return 1
}

create() {
    python=$(find_python)
    say "creating $venv with $("$python" --version 2>&1)"
    rm -rf "$venv"
    if "$python" -c 'import ensurepip' >/dev/null 2>&1; then "$python" -m venv "$venv" >&2; return; fi
    # Debian and Ubuntu split ensurepip off. A pip outside the environment can put one inside.
    if "$python" -m pip --version >/dev/null 2>&1 && "$python" -m venv --without-pip "$venv" >&2 \
        && "$python" -m pip --python "$venv/bin/python" install --quiet pip >&2; then return; fi
    rm -rf "$venv"
    say "this Python cannot create environments: its ensurepip is missing."
    say "On Debian or Ubuntu:  sudo apt-get install -y python3-venv"
    return 1
}

quietly() {
    "$@" >>"$log" 2>&1 && return
    tail -n 20 "$log" >&2
    say "installing failed; the whole output is in $log. Running the same make again goes on from here."
    return 1
}

mkdir -p .build
: >"$log"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
new_enough "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1 || create
say "installing $(grep -c '==' "$lock") packages of $lock (downloads the first time)"
quietly "$venv/bin/python" -m pip install --require-hashes --retries 5 --timeout 60 -r "$lock"
say "installing mahlan itself, editable"
quietly "$venv/bin/python" -m pip install --no-deps --no-build-isolation --no-index -e .
