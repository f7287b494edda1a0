#!/usr/bin/env bash
# The Debian package: package_test.sh <build folder>. Packs the programs that are built, unpacks the package in a folder of
# its own, and runs a server from there, with nothing of the clone at hand. Where dpkg-shlibdeps is missing, the exit
# status is 77, which ctest shows as skipped.
set -euo pipefail
build=$(realpath "$1")
place=$(mktemp -d)
chmod 755 "$place" # PostgreSQL, run as another user, keeps its data below it
trap 'rm -rf "$place"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

command -v dpkg-shlibdeps >/dev/null && command -v file >/dev/null ||
  { echo "skipped: dpkg-dev and file are not installed (deploy/install-deps.sh installs them)" >&2; exit 77; }

cd "$place"
cpack --config "$build/CPackConfig.cmake" -B "$place" >cpack.log 2>&1 || { cat cpack.log >&2; fail "cpack"; }
package=$(echo tenantry_*.deb)
[[ $package == tenantry_*~deb[0-9]*_*.deb ]] || fail "the name of the package: $package"

depends=$(dpkg-deb -f "$package" Depends)
for library in 'libgrpc\+\+1' libprotobuf libjemalloc libssl; do
  grep -qE "(^|, )$library" <<<"$depends" || fail "$library is not in Depends: $depends"
done
dpkg-deb -c "$package" | awk '$2 != "root/root" { print; bad = 1 } END { exit bad }' || fail "files that are not root's"

dpkg-deb -x "$package" root
for file in usr/share/doc/tenantry/copyright usr/share/tenantry/proto/google/rpc/error_details.proto \
  usr/share/tenantry/proto/tenantry/v1/options.proto usr/share/tenantry/sql/migrations/0001_initial/up.sql; do
  [ -s "root/$file" ] || fail "$file is missing"
done
version=$(dpkg-deb -f "$package" Version)
for program in tenantryd tenantry tenantry-load; do
  printed=$("root/usr/bin/$program" --version) || fail "$program --version"
  [[ "$printed " == "$program ${version%-*} "* ]] || fail "$program --version is not of package $version: $printed"
  "root/usr/bin/$program" --help >help 2>&1 || { cat help >&2; fail "$program --help"; }
done

cp -r root/usr/share/tenantry my
cd my
env -u TENANTRY_SOURCE_DIR "$place/root/usr/bin/tenantryd" dev --once --port 0 </dev/null >../dev.log 2>&1 ||
  { cat ../dev.log >&2; fail "tenantryd dev"; }
grep -q '^Served on' ../dev.log || { cat ../dev.log >&2; fail "it did not serve"; }
echo "all passed"
