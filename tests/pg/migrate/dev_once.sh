#!/usr/bin/env bash
# `tenantryd dev --once` from nothing, and once more on the data it left: dev_once.sh PROGRAM SOURCE_DIR
set -euo pipefail
program=$1 source=$2
work=$(mktemp -d /tmp/tenantry-dev-XXXXXX)
trap 'rm -rf "$work"' EXIT
# Where PostgreSQL runs as another user, that one has to reach its data.
chmod 755 "$work"
ln -s "$source/proto" "$source/sql" "$work/"
cd "$work"

fail() { echo "dev_once: $*" >&2; cat out >&2; exit 1; }
for run in first second; do
  "$program" dev --once --port 0 >out 2>&1 || fail "the $run run ended with status $?"
  grep -q 'globex> GetContact' out || fail "no calls in the $run run"
  grep -q 'NOT_FOUND' out || fail "the $run run does not show a row of another tenant as not found"
done
grep -q '"acme": "01920000-0000-7000-8000-00000000ac3e"' .tenantry.json || fail "no tenants in .tenantry.json"
[ ! -e build/postgres/postmaster.pid ] || fail "PostgreSQL still runs"

# --- --reset: the database begins anew, and nothing else of the PostgreSQL is touched.

# serve_and SQL: runs SQL as the superuser in the database of a `dev` that serves.
serve_and() {
  "$program" dev --port 0 >out 2>&1 &
  local server=$! url
  for ((tries = 0; tries < 600; ++tries)); do
    grep -q 'Ctrl-C' out && break
    kill -0 "$server" 2>/dev/null || fail "dev did not start"
    sleep 0.1
  done
  read -r psql url < <(sed -n "s|^The database: \(.*\) '\(.*\)'$|\1 \2|p" out)
  "$psql" -XAtq -v ON_ERROR_STOP=1 "${url/tenantry_app/postgres}" -c "$1" >answer || fail "psql: $1"
  kill -INT "$server"
  wait "$server" || fail "dev ended with status $?"
}
serve_and 'CREATE DATABASE mine'
serve_and 'CREATE TABLE saas.scribble (n int)'
"$program" dev --once --port 0 --reset >out 2>&1 || fail "--reset ended with status $?"
grep -q '==> dropping the database tenantry of build/postgres: [0-9]* tables' out || fail "--reset does not say what it drops"
grep -q 'globex> GetContact' out || fail "no calls after --reset"
serve_and "SELECT to_regclass('saas.scribble') IS NULL, EXISTS (SELECT FROM pg_database WHERE datname = 'mine')"
[ "$(cat answer)" = 't|t' ] || fail "after --reset: $(cat answer)"

# Data that dev has not made may be anybody's.
rm build/postgres/tenantry_private
if "$program" dev --once --port 0 --reset >out 2>&1; then fail "--reset of somebody else's data"; fi
grep -q 'may be somebody else' out || fail "no reason for the refusal"
"$program" dev --once --port 0 >out 2>&1 || fail "dev without --reset ended with status $?"
