#!/usr/bin/env bash
# Makes a Debian package of tenantryd, tenantry and tenantry-load, for machines of the same Debian release: they need no
# compiler and no clone.
#
#   deploy/package.sh                         prints the package's path, under build/
#   apt-get install ./tenantry_*.deb          on the other machine
#   cp -r /usr/share/tenantry my && cd my     there: the .proto files and migrations to begin with
#   tenantryd dev                             there, with Debian's postgresql
#
# Variables:
#   TENANTRY_PRESET   CMake preset [release]; dev builds faster
set -euo pipefail
cd "$(dirname "$0")/.."

readonly preset=${TENANTRY_PRESET:-release}
readonly build=build/$preset

deploy/install-deps.sh --package </dev/null >&2
echo "==> building $build" >&2
mkdir -p build
cmake --preset "$preset" </dev/null >build/configure.log 2>&1 || { cat build/configure.log >&2; exit 1; }
cmake --build "$build" --target tenantryd tenantry tenantry-load </dev/null >&2
echo "==> packing" >&2
cpack --config "$build/CPackConfig.cmake" -B "$build/package" </dev/null >build/package.log 2>&1 ||
  { cat build/package.log >&2; exit 1; }
sed -n 's/^CPack: - package: \(.*\) generated\.$/\1/p' build/package.log
