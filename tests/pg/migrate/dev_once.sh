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
