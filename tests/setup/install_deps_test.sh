#!/usr/bin/env bash
# deploy/install-deps.sh, with each of its sources made to fail. The programs that it asks for packages and sources are
# those of stubs/, and the sources that they give build in no time; the installer's own scripts, make and CMake are real.
set -euo pipefail
shopt -s inherit_errexit
here=$(realpath "$(dirname "$0")")
PLACE=$(mktemp -d)
export PLACE
trap 'rm -rf "$PLACE"' EXIT
cp "$here/stubs/lib.sh" "$PLACE"
readonly clone=$PLACE/clone prefix=$PLACE/prefix
failures=0

complain() {
  echo "FAILED: $scenario: $*"
  sed 's/^/    /' "$PLACE/output"
  failures=$((failures + 1))
}

# A fresh machine of Debian 12. `BREAKS` says what is to fail.
fresh() {
  scenario=$1 BREAKS=${2:-} DISTRIBUTION_LIBPQ=15.18-0+deb12u1 DISTRIBUTION_LIBPQXX=6.4.5-2
  export BREAKS DISTRIBUTION_LIBPQ DISTRIBUTION_LIBPQXX
  rm -rf "$clone" "$prefix" "$PLACE/installed" "$PLACE"/broke:*
  mkdir -p "$clone" "$PLACE/installed"
  cp -r "$here/../../deploy" "$here"/../../package*.json "$clone"
}

run() {
  : >"$PLACE/calls"
  status=0
  # What this machine has installed is not the fresh one's.
  PATH=$here/stubs:$PATH PKG_CONFIG_LIBDIR=$PLACE/none TENANTRY_PRIVATE_LIBRARIES=$prefix \
    "$clone/deploy/install-deps.sh" "$@" \
    >"$PLACE/output" 2>&1 || status=$?
}

succeeds() { run "$@"; [ "$status" -eq 0 ] || complain "ends with status $status"; }
fails() { run "$@"; [ "$status" -eq 1 ] || complain "ends with status $status, not 1"; }
says() { grep -qE -- "$1" "$PLACE/output" || complain "does not say: $1"; }
says_not() { ! grep -qE -- "$1" "$PLACE/output" || complain "says: $1"; }
# version LIBRARY VERSION: what is under the prefix; 0 for none.
version() {
  local is
  is=$(sed -n 's/^Version: //p' "$prefix/lib/pkgconfig/$1.pc" 2>/dev/null || echo 0)
  [ "$is" = "$2" ] || complain "$1 $is is installed, not $2"
}
has() { [ -e "$PLACE/installed/$1" ] || complain "$1 is not installed"; }

fresh "everything is there"
succeeds
version libpq 17.0.trixie
version libpqxx 7.10.trixie
grep -q "$prefix/lib/libpq.a" "$prefix/include/built-with" || complain "libpqxx is built with another libpq"
says 'everything needed is installed'
says_not 'not installed'
has postgresql
has pgbouncer
run
[ ! -s "$PLACE/calls" ] || complain "asks again for what is there: $(cat "$PLACE/calls")"

fresh "only the server is wanted"
succeeds --server
version libpq 17.0.trixie
version libpqxx 7.10.trixie
has postgresql
[ ! -e "$PLACE/installed/pgbouncer" ] || complain "installs what only tests need"
grep -q '^npm' "$PLACE/calls" && complain "calls npm"
says_not 'not installed'

fresh "only the server and its package are wanted"
succeeds --package
has dpkg-dev
[ ! -e "$PLACE/installed/pgbouncer" ] || complain "installs what only tests need"

fresh "an argument that it does not know"
fails --sever
says 'unknown argument: --sever'

fresh "the index names a version whose file the mirror lacks" 'source:trixie'
succeeds
version libpq 17.11
version libpqxx 7.10.0

fresh "one suite has no Release file" 'update:trixie'
succeeds
version libpq 17.11
version libpqxx 7.10.0

fresh "no suite has a Release file, nor the machine's own sources" 'update:*'
succeeds
version libpq 17.11
version libpqxx 7.10.0
says 'apt-get update complained'

fresh "the version known best has left the pool" 'update:* file:postgresql-17_17.11*'
succeeds
version libpq 17.10

fresh "Debian's mirror has no sources at all" 'update:* host:*debian*'
fails
version libpq 0
says 'no source of libpqxx 7.8 or later'

fresh "only a newer libpq can be had" 'source:trixie file:postgresql*'
succeeds
version libpq 18.0.forky

fresh "no source of libpq can be had" 'update:* file:postgresql*'
succeeds
version libpq 0
version libpqxx 7.10.0
grep -q libpq.a "$prefix/include/built-with" && complain "libpqxx is built with a libpq that is not there"
says "libpq: no source of version 17 .*going on with Debian's 15.18"
[ "$(grep -c 'libpq: no source' "$PLACE/output")" = 1 ] || complain "says it more than once"

fresh "the newest libpq does not build" 'build:postgresql-17.0.trixie'
succeeds
version libpq 17.11

fresh "no libpq builds" 'build:postgresql-*'
succeeds
version libpq 0
version libpqxx 7.10.trixie
says "going on with Debian's"

fresh "what libpq is built with cannot be installed" 'package:bison'
succeeds

fresh "the suite's libpqxx does not build" 'build:libpqxx-7.10.trixie'
succeeds
version libpqxx 7.10.0

fresh "no libpqxx can be had" 'source:trixie file:libpqxx*'
fails
version libpqxx 0
says 'no source of libpqxx 7.8 or later'

fresh "npm fails" npm
succeeds
says 'buf could not be installed .* the server needs none of it'
run
grep -q '^npm' "$PLACE/calls" || complain "does not try npm again"

fresh "buf does not start" buf
succeeds
says 'buf could not be installed'

fresh "node and npm cannot be installed" 'package:node* package:npm npm'
succeeds
version libpq 17.0.trixie

fresh "a package that only tests need cannot be had" 'package:pgbouncer'
succeeds
has postgresql
has nghttp2-client
says 'not installed, and not needed by the server: pgbouncer$'

fresh "a package that the server needs cannot be had" 'package:libgrpc++-dev'
fails
says 'could not install libgrpc\+\+-dev, and'

fresh "a package that the server needs is late" 'once/package:libgrpc++-dev once/package:g++'
succeeds

fresh "Debian 13"
DISTRIBUTION_LIBPQ=17.12-0+deb13u1 DISTRIBUTION_LIBPQXX=7.10.0-2
succeeds
has libpqxx-dev
[ ! -e "$prefix" ] || complain "builds what Debian has"

fresh "Debian 13, whose libpqxx cannot be had" 'package:libpqxx-dev'
DISTRIBUTION_LIBPQ=17.12-0+deb13u1 DISTRIBUTION_LIBPQXX=7.10.0-2
succeeds
version libpq 0
version libpqxx 7.10.trixie

# The checksum is really asked for, by the real apt-helper.
scenario="a file that is not what it should be" BREAKS=
cd "$PLACE"
. "$PLACE/lib.sh"
make_source libpqxx 7.10.0
checksum=$(sha256sum libpqxx_7.10.0.orig.tar.gz | cut -d ' ' -f 1)
build() {
  status=0
  mkdir -p "$PLACE/work"
  TENANTRY_PRIVATE_LIBRARIES=$prefix "$here/../../deploy/build-library.sh" "$PLACE/work" "$PLACE/stage" libpqxx file \
    "file://$PLACE/libpqxx_7.10.0.orig.tar.gz" "$1" >"$PLACE/output" 2>&1 </dev/null || status=$?
}
build "$checksum"
[ "$status" -eq 0 ] || complain "the right checksum: status $status"
build "${checksum//[0-7]/8}"
[ "$status" -ne 0 ] || complain "the wrong checksum is taken"
says 'Hash Sum mismatch'

[ "$failures" -eq 0 ] || { echo "$failures failed"; exit 1; }
echo "all passed"
