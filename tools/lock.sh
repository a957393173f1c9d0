#!/bin/sh
# Pins requirements/*.in for every platform, with hashes. What is pinned already stays, unless -U or -P NAME is given:
#   sh tools/lock.sh -P flask
set -eu
cd "$(dirname "$0")/../requirements"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip --disable-pip-version-check install --quiet uv
for name in base dev otel; do
    # The extra is installed beside what the portal runs on, whose versions it takes.
    [ "$name" = otel ] && set -- "$@" --constraint base.lock
    "$folder/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-header "$@" "$name.in" --output-file "$name.lock"
done
