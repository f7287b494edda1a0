#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. Arguments go to ctest: tests/run.sh -L unit
#
# Ends with a line "N passed, N failed", before it the tests that were skipped for want of a tool (buf); the exit status is
# zero when none failed. Needs no terminal and no input.
# Tests start PostgreSQL clusters of their own; as root they do so as another user, since PostgreSQL refuses root.
set -euo pipefail
cd "$(dirname "$0")/.."
exec </dev/null

readonly preset=${TENANTRY_PRESET:-dev}
readonly build=build/$preset
say() { printf '==> %s\n' "$*"; }

deploy/install-deps.sh

say "configuring $build"
mkdir -p build
cmake --preset "$preset" >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
! grep -q 'The tests are not built' build/configure.log || { cat build/configure.log >&2; exit 1; }
say "building"
NINJA_STATUS='[%f/%t, %e s] ' cmake --build "$build"

say "testing"
summary=$(mktemp)
trap 'rm -f "$summary"' EXIT
status=0
ctest --test-dir "$build" -j 2 --output-on-failure --no-tests=error "$@" | tee "$summary" || status=$?

# "97% tests passed, 1 tests failed out of 36"
read -r failed total <<<"$(sed -nE 's/.*tests passed, ([0-9]+) tests? failed out of ([0-9]+).*/\1 \2/p' "$summary")"
# "	 12 - buf_lint (Skipped)", which ctest counts as passed.
skipped=$(sed -nE 's/^\s+[0-9]+ - (\S+) \(Skipped\)$/\1/p' "$summary")
[ -z "$skipped" ] || say "skipped: ${skipped//$'\n'/ }"
echo "$((${total:-0} - ${failed:-0} - $(wc -w <<<"$skipped"))) passed, ${failed:-0} failed"
exit "$status"
