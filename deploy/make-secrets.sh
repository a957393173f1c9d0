#!/bin/sh
# Makes secrets/ for compose.yaml, once: random keys, and the mail server's address as you type it. What is there stays.
# A standby of the database is named by DATABASE_REPLICA_URL in this script's environment, once there is one.
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
random 32 | keep audit_key
# Older keys, separated by commas, while one is changed.
printf '' | keep secret_key_fallbacks
printf '' | keep audit_key_fallbacks
# Of the server's superuser, whom nobody uses once the database is made, and of the portal's two roles.
random 24 | keep postgres_password
random 24 | keep database_owner_password
random 24 | keep database_password
printf 'postgresql://clinic_owner:%s@postgres:5432/clinic' "$(cat database_owner_password)" | keep database_owner_url
printf 'postgresql://clinic:%s@postgres:5432/clinic' "$(cat database_password)" | keep database_url
printf '%s' "${DATABASE_REPLICA_URL:-}" | keep database_replica_url
random 24 | keep metrics_token
if [ ! -s mail_url ]; then
    printf 'The mail server, smtps://user:password@mail.example: ' >&2
    IFS= read -r address
    printf '%s' "$address" | keep mail_url
fi
echo "Keep a copy of secrets/ in a safe place of its own." >&2
