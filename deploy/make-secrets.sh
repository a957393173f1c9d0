#!/bin/sh
# Makes secrets/ for compose.yaml, once: random keys, and the mail server's address as you type it. What is there stays.
# Containers read the files as other users, so each is readable; the folder is its owner's alone, so on this machine
# nobody else reaches them.
set -eu
cd "$(dirname "$0")/.."

mkdir -p secrets
chmod 0700 secrets
cd secrets

keep() { # name: the new secret comes from standard input
    if [ -s "$1" ]; then
        echo "secrets/$1 stays as it is" >&2
        cat >/dev/null
    else
        cat >"$1.new"
        chmod 0444 "$1.new"
        mv "$1.new" "$1"
    fi
}

random() { # bytes, as hexadecimal digits: they need no escaping in an address
    od -An -v -tx1 -N"$1" /dev/urandom | tr -d ' \n'
}

random 32 | keep secret_key
random 24 | keep postgres_password
printf 'postgresql://clinic:%s@postgres:5432/clinic' "$(cat postgres_password)" | keep database_url
if [ ! -s mail_url ]; then
    printf 'The mail server, smtps://user:password@mail.example: ' >&2
    IFS= read -r address
    printf '%s' "$address" | keep mail_url
fi
echo "Keep a copy of secrets/ in a safe place of its own." >&2
