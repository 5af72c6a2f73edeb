#!/bin/sh
# Writes the four lock files; `make lock` calls it. No index address is written: where packages come from is the
# installing machine's business.
set -eu
cd "$(dirname "$0")/.."
lock() {
    out=$1; shift
    echo "lock: $out" >&2
    "${UV:-.venv/bin/uv}" pip compile --quiet --universal --generate-hashes --python-version 3.11 \
        --no-emit-find-links --custom-compile-command "make lock" "$@" --output-file "$out"
}
lock requirements/dev.txt pyproject.toml --extra normaliser --extra scorer --extra dispatcher --extra gateway --extra insights \
    --extra broker --extra client --extra signing --extra train --extra dev --extra build
echo hatchling | lock requirements/build.txt - --constraints requirements/dev.txt
lock requirements/image.txt pyproject.toml --constraints requirements/dev.txt \
    --extra normaliser --extra scorer --extra dispatcher --extra gateway --extra insights --extra signing
lock requirements/demo.txt pyproject.toml --constraints requirements/dev.txt \
    --extra normaliser --extra scorer --extra dispatcher --extra gateway --extra insights --extra client --extra broker --extra signing \
    --extra build
