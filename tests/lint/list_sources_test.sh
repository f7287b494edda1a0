#!/usr/bin/env bash
# The same sources are found in a clone and in an archive of it, and no others.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

mkdir -p "$place"/sources/{server,build}
cd "$place/sources"
echo /build/ >.gitignore
touch server/tracked.cc 'server/not yet tracked.cc' server/notes.md build/made.cc

# The folder above is no clone for git either.
export GIT_CEILING_DIRECTORIES=$place
list() { "$here/list_sources.sh" "$place/sources" '*.cc' | tr '\0' '\n' | sort; }
expected=$'server/not yet tracked.cc\nserver/tracked.cc'
[ "$(list)" = "$expected" ] || fail "an archive's: $(list)"
git init -q .
git add server/tracked.cc
[ "$(list)" = "$expected" ] || fail "a clone's: $(list)"
[ "$("$here/list_sources.sh" "$place/sources" 'server/*.h' | wc -c)" = 0 ] || fail "what does not match is listed"
! PATH=$place "$BASH" "$here/list_sources.sh" "$place/sources" '*.cc' 2>/dev/null || fail "without git, all is well"
echo "all passed"
