#!/bin/sh
# Makes the two roles of the portal's database: clinic_owner owns the tables, migrates them and restores backups; clinic serves
# people, and may add to histories and to the audit without rewriting them. What clinic may do with each table is granted by
# each 'flask db upgrade'. PostgreSQL's image runs this once, when it makes the database.
#
# Needs a superuser (POSTGRES_USER), an empty database (POSTGRES_DB), and files with the two passwords.
set -eu

export PGOPTIONS="-c log_statement=none"
owner_password=$(cat "$DATABASE_OWNER_PASSWORD_FILE") password=$(cat "$DATABASE_PASSWORD_FILE")
export owner_password password

# Passwords come by the environment, so no list of processes shows them.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'END'
\getenv owner_password owner_password
\getenv password password
\set database :DBNAME
CREATE ROLE "clinic_owner" LOGIN PASSWORD :'owner_password';
CREATE ROLE "clinic" LOGIN PASSWORD :'password';
ALTER DATABASE :"database" OWNER TO "clinic_owner";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO "clinic";
ALTER SCHEMA public OWNER TO "clinic_owner";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO "clinic";
END
