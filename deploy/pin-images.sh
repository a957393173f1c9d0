#!/bin/sh
# Prints the images of compose.yaml with the digests that their tags have now, as lines for .env: what was tried is what
# runs, until this is run again. Needs docker with buildx, and the registries.
set -eu
cd "$(dirname "$0")/.."

sed -nE 's/.*\$\{([A-Z]+_IMAGE):-([^}]+)\}.*/\1 \2/p' compose.yaml | while read -r name image; do
    digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$image")
    case $digest in
    sha256:*) printf '%s=%s@%s\n' "$name" "$image" "$digest" ;;
    *) echo "No digest for $image" >&2 && exit 1 ;;
    esac
done
