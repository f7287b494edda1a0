#!/usr/bin/env bash
# From a fresh clone to a running server: installs what is missing, builds, then runs `tenantryd dev`, which starts a
# private PostgreSQL under build/, creates the demo tenants, serves, and shows some calls.
#
#   deploy/quickstart.sh          keeps serving until Ctrl-C
#   deploy/quickstart.sh --once   stops after the sample calls
#
# Other arguments go to `tenantryd dev` (see `tenantryd dev --help`).
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
  -h | --help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
esac

deploy/install-deps.sh --server </dev/null

# The same build as tests/run.sh makes, so that one serves the other.
echo "==> configuring build/dev"
mkdir -p build
cmake --preset dev </dev/null >build/configure.log 2>&1 || { cat build/configure.log >&2; exit 1; }
echo "==> building the server and the command line client (several minutes the first time)"
NINJA_STATUS='[%f/%t, %e s] ' cmake --build build/dev --target tenantryd tenantry </dev/null

exec build/dev/bin/tenantryd dev "$@"
