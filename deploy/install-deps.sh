#!/usr/bin/env bash
# Installs what building, testing and running Tenantry needs on Debian 12 or 13.
#
# Safe to run again: what is present is left alone, and when nothing is missing neither the network nor root is
# used. Needs root or sudo otherwise. No PostgreSQL cluster is created or started.
#
# libpqxx >= 7.8 is needed (release_raw_connection). Where the distribution's is older, 7.10 is built once from
# Debian 13's source package and put under /usr/local.
set -euo pipefail

readonly pqxx_minimum=7.8
readonly pqxx_source_version=7.10.0-2
readonly pqxx_source_suite=trixie
readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg

packages=(
  # build
  g++ make cmake ninja-build ccache pkg-config git ca-certificates curl jq
  # libraries
  libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libprotoc-dev libabsl-dev
  libspdlog-dev libpq-dev libssl-dev libcli11-dev nlohmann-json3-dev libcpp-httplib-dev
  # tests, benchmarks, formatting
  libgtest-dev libgmock-dev libbenchmark-dev nghttp2-client clang-format
  # the database: server binaries and psql; a pooler and certificates for tests
  postgresql pgbouncer openssl
)

say() { printf '==> %s\n' "$*"; }
fail() { printf 'install-deps: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "root rights are needed for: $* (run as root, or install sudo)"
  fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get -o Dpkg::Use-Pty=0 "$@" </dev/null
}

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Debian's postgresql package creates and starts a cluster on port 5432 when it is first installed. Ours are
# private ones under the build folder, so that is switched off for the length of the installation.
readonly no_cluster=/etc/postgresql-common/createcluster.d/tenantry-install.conf

without_main_cluster() {
  as_root mkdir -p "$(dirname "$no_cluster")"
  echo 'create_main_cluster = false' | as_root tee "$no_cluster" >/dev/null
  local status=0
  "$@" || status=$?
  as_root rm -f "$no_cluster"
  return "$status"
}

# Nor is a PgBouncer wanted on port 6432: ours are the tests' own. Packages start no services while this script says
# no (invoke-rc.d(8)).
readonly service_policy=/usr/sbin/policy-rc.d

without_services() {
  if [ -e "$service_policy" ]; then
    "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$service_policy" >/dev/null
  as_root chmod 755 "$service_policy"
  local status=0
  "$@" || status=$?
  as_root rm -f "$service_policy"
  # It would start with the machine.
  ! command -v systemctl >/dev/null || as_root systemctl disable --quiet pgbouncer 2>/dev/null || true
  return "$status"
}

install_packages() {
  local missing=() package
  for package in "${packages[@]}"; do
    installed "$package" || missing+=("$package")
  done
  # Node.js may come from elsewhere than Debian (its own npm included), so the programs are asked for.
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm)
  if [ "${#missing[@]}" -eq 0 ]; then
    say "Debian packages: all present"
    return
  fi
  say "Debian packages to install: ${missing[*]}"
  apt_get update -q
  case " ${missing[*]} " in
    *" pgbouncer "*) without_services without_main_cluster apt_get install -q -y --no-install-recommends "${missing[@]}" ;;
    *) without_main_cluster apt_get install -q -y --no-install-recommends "${missing[@]}" ;;
  esac
}

pqxx_version() { PKG_CONFIG_PATH=/usr/local/lib/pkgconfig pkg-config --modversion libpqxx 2>/dev/null || echo 0; }

pqxx_is_new_enough() { dpkg --compare-versions "$1" ge "$pqxx_minimum"; }

# The Debian mirror this machine is set up to use: the first archive in its apt sources that has a main Debian
# suite (not the security archive, nor a third party's).
debian_mirror() {
  find /etc/apt -maxdepth 2 \( -name '*.list' -o -name '*.sources' \) -exec sed -nE \
    -e 's/^deb (\[[^]]*\] )?([^ ]+).*/\2/p' -e 's/^URIs: *([^ ]+).*/\1/p' {} + |
    grep -m 1 -E '/debian/?$' || true
}

# Fetches the source with an apt state of its own, so that the machine's sources stay as they are. The archive's
# signature is checked against the keyring as always.
download_pqxx_source() {
  local work=$1 mirror
  mirror=$(debian_mirror)
  mirror=${mirror:-http://deb.debian.org/debian}
  mkdir -p "$work"/{lists/partial,cache/archives/partial,source}
  echo "deb-src [signed-by=$keyring] $mirror $pqxx_source_suite main" >"$work/sources.list"
  local options=(-q -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User=
    -o Debug::NoLocking=1)
  apt-get "${options[@]}" update
  (cd "$work/source" &&
    apt-get "${options[@]}" source --download-only --tar-only "libpqxx=$pqxx_source_version")
}

build_pqxx() {
  local work
  work=$(mktemp -d)
  # Expanded now on purpose: `work` is local.
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  say "libpqxx: fetching $pqxx_source_version from Debian $pqxx_source_suite"
  download_pqxx_source "$work"
  tar -xf "$work"/source/libpqxx_*.orig.tar.* -C "$work/source"
  say "libpqxx: building (about a minute)"
  cmake -S "$(echo "$work"/source/libpqxx-*/)" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_CXX_STANDARD=20 -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DBUILD_SHARED_LIBS=OFF \
    -DCMAKE_CXX_FLAGS=-w -DSKIP_BUILD_TEST=ON -DBUILD_DOC=OFF \
    -DPostgreSQL_TYPE_INCLUDE_DIR=/usr/include/postgresql >"$work/configure.log" ||
    { cat "$work/configure.log" >&2; fail "libpqxx: configuring failed"; }
  cmake --build "$work/build"
  as_root cmake --install "$work/build" >/dev/null
  say "libpqxx: $(pqxx_version) installed under /usr/local"
}

install_pqxx() {
  local present available
  present=$(pqxx_version)
  if pqxx_is_new_enough "$present"; then
    say "libpqxx: $present present"
    return
  fi
  available=$(apt-cache policy libpqxx-dev | sed -n 's/^ *Candidate: *//p')
  if [ -n "$available" ] && [ "$available" != "(none)" ] && pqxx_is_new_enough "$available"; then
    say "libpqxx: installing $available"
    without_main_cluster apt_get install -q -y --no-install-recommends libpqxx-dev
  else
    build_pqxx
  fi
}

# buf lints the .proto files and makes sample calls. The lock file names its exact version and checksum.
install_npm_tools() {
  cd "$(dirname "${BASH_SOURCE[0]}")/.."
  if cmp -s package-lock.json node_modules/.tenantry-lock; then
    say "npm packages: all present"
    return
  fi
  say "npm packages: installing buf"
  # Not `npm ci`: it insists that the registry offers buf for every platform, ours included or not.
  if npm install --no-save --no-audit --no-fund --loglevel=error </dev/null; then
    cp package-lock.json node_modules/.tenantry-lock
  else
    # The server needs none of it.
    say "npm packages: not installed; samples and tests that use buf will fail"
  fi
}

[ -r /etc/debian_version ] || fail "only Debian 12 and 13 are supported by this script"
install_packages
install_pqxx
install_npm_tools
say "everything needed is installed"
