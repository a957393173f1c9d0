#!/bin/sh
# Creates .venv with Python 3.11 or newer; says in one sentence what is missing otherwise.
set -eu
for python in "${PYTHON:-}" python3.11 python3 python3.12 python3.13 python3.14; do
    [ -n "$python" ] || continue
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        "$python" -c 'import ensurepip, venv' 2>/dev/null || {
            echo "$python lacks the venv module: on Debian and Ubuntu, install the package python3-venv." >&2
            exit 1
        }
        exec "$python" -m venv .venv
    fi
done
echo "The portal needs Python 3.11 or newer: install it, or name it with PYTHON=/path/to/python make ..." >&2
exit 1
