#!/bin/sh
# Writes the three lock files; `make lock` calls it. No index address is written: where packages come from is the
# installing machine's business.
set -eu
cd "$(dirname "$0")/.."
lock() {
    out=$1; shift
    echo "lock: $out" >&2
    "${UV:-.venv/bin/uv}" pip compile --quiet --universal --generate-hashes --python-version 3.11 \
        --no-emit-find-links --custom-compile-command "make lock" "$@" --output-file "$out" pyproject.toml
}
lock requirements/dev.txt --all-extras
lock requirements/image.txt --constraints requirements/dev.txt --extra normaliser --extra scorer --extra dispatcher
lock requirements/demo.txt --constraints requirements/dev.txt \
    --extra normaliser --extra scorer --extra dispatcher --extra broker --extra build
