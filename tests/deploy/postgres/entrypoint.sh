#!/bin/sh
set -eu
as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  chown postgres:postgres "$PGDATA"
  chmod 700 "$PGDATA"
  password=$(mktemp)
  cat "$POSTGRES_PASSWORD_FILE" >"$password"
  chown postgres "$password"
  as_postgres initdb --pgdata="$PGDATA" --username=postgres --pwfile="$password" --auth-local=trust \
    --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-instructions
  rm "$password"
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  as_postgres pg_ctl -w -D "$PGDATA" -o "-c listen_addresses=" start
  as_postgres createdb -U postgres "$POSTGRES_DB"
  as_postgres pg_ctl -w -D "$PGDATA" -m fast stop
fi
exec setpriv --reuid postgres --regid postgres --init-groups postgres -D "$PGDATA" -c 'listen_addresses=*'
