#!/bin/sh
# Builds the real Dockerfile without Docker and without a registry of images, starts what it made, and asks it: for a
# machine (or CI) that reaches packages of Debian and Python only. The base image is Debian's own Python, made by
# debootstrap, under the name that the Dockerfile asks for; so it isn't the official one.
# Needs root, and: apt-get install podman runc debootstrap
#
#   sh tools/build_image.sh [FOLDER]    FOLDER keeps base and images for the next run (some GB); a temporary one otherwise.
#
# MIRROR names another mirror of Debian, PIP_CONFIG_FILE a file of pip's settings for the build, CERTIFICATES a file of
# authorities to trust in it, where a network has its own.
set -eu
cd "$(dirname "$0")/.."

for program in podman debootstrap runc; do
    command -v "$program" >/dev/null || { echo "$program is missing: apt-get install podman runc debootstrap" >&2; exit 1; }
done

base=$(sed -n 's/^ARG PYTHON_IMAGE=//p' Dockerfile)
name="clinic-trial-$$"
if [ $# -gt 0 ]; then
    folder=$1
    mkdir -p "$folder"
else
    folder=$(mktemp -d)
fi

run_podman() {
    podman --root "$folder/images" --runroot "$folder/run" --storage-driver vfs --runtime runc --cgroup-manager cgroupfs "$@"
}

kept=${1:-}
clean_up() {
    run_podman rm --force "$name" >/dev/null 2>&1 || true
    run_podman volume rm "$name" >/dev/null 2>&1 || true
    [ -n "$kept" ] || rm -rf "$folder"
}
trap clean_up EXIT

if ! run_podman image exists "docker.io/library/$base"; then
    [ -d "$folder/base/usr/bin" ] || debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates \
        bookworm "$folder/base" ${MIRROR:+"$MIRROR"}
    # The official image calls it python.
    ln -sf python3 "$folder/base/usr/bin/python"
    tar --directory "$folder/base" --create . | run_podman import - "docker.io/library/$base"
fi

run_podman build --format docker --layers=false --network host --tag clinic-portal \
    ${PIP_CONFIG_FILE:+--volume "$PIP_CONFIG_FILE:/etc/pip.conf:ro"} \
    ${CERTIFICATES:+--volume "$CERTIFICATES:/etc/ssl/certs/ca-certificates.crt:ro"} .

secret=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
# As compose.yaml runs it, with SQLite in its volume. Podman's own limits may be more than it may give in a container.
portal() { # name and command
    container=$1
    shift
    run_podman run --name "$container" --no-healthcheck --network host --read-only --tmpfs /tmp --cap-drop ALL \
        --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 \
        --security-opt no-new-privileges --volume "$name:/srv/clinic/instance" \
        --env "SECRET_KEY=$secret" --env FRONTEND_URL=https://clinic.example \
        --env "PORT=${PORT:-8099}" --env HOST=127.0.0.1 --env WORKERS=1 "$@"
}

portal "$name-migrate" --rm clinic-portal flask --app wsgi db upgrade
portal "$name" --detach clinic-portal
tries=0
until run_podman exec "$name" python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:${PORT:-8099}/readyz')" 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 120 ] || { run_podman logs "$name" >&2; echo "It didn't come up." >&2; exit 1; }
    sleep 1
done
run_podman exec "$name" sh -c 'test "$(id -u)" = 10001 && ! touch /srv/clinic/wsgi.py 2>/dev/null && touch /srv/clinic/instance/writable'
run_podman exec --interactive "$name" python - <<PYTHON
import urllib.request
asked = urllib.request.Request("http://127.0.0.1:${PORT:-8099}/static/css/clinic.css", headers={"Accept-Encoding": "br"})
assert urllib.request.urlopen(asked).headers["Content-Encoding"] == "br", "static files aren't compressed"
PYTHON
run_podman stop --time 20 "$name" >/dev/null
status=$(run_podman inspect --format '{{.State.ExitCode}}' "$name")
[ "$status" = 0 ] || { echo "It ended with status $status." >&2; exit 1; }
echo "The image builds, migrates, serves as user 10001 on a read-only file system, and stops."
run_podman images clinic-portal
