#!/usr/bin/env bash
# Installs what building, testing and running Tenantry needs on Debian 12 or 13.
#
# Safe to run again: what is present is left alone, and when nothing is missing neither the network nor root is
# used. Needs root or sudo otherwise. No PostgreSQL cluster is created or started.
#
# Two libraries are built once from Debian 13's source packages, and put under /usr/local/lib/tenantry, where nothing
# else looks, if the distribution's are too old:
#   libpq 17, whose PQsendPipelineSync writes many transactions to PostgreSQL at once; before, each was a system call
#     here and a wake-up there. Static, and without GSSAPI and LDAP.
#   libpqxx >= 7.8 (release_raw_connection), with that libpq: there is only one in a process.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly libpq_minimum=17
readonly pqxx_minimum=7.8
readonly source_suite=trixie
readonly prefix=/usr/local/lib/tenantry
readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg

packages=(
  # build
  g++ make cmake ninja-build ccache pkg-config git ca-certificates curl jq
  # libraries
  libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libprotoc-dev libabsl-dev
  libspdlog-dev libpq-dev libssl-dev libjemalloc-dev libcli11-dev nlohmann-json3-dev libcpp-httplib-dev
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
  for package in "$@"; do
    installed "$package" || missing+=("$package")
  done
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

# An apt state of our own, so that the machine's sources stay as they are; emptied in the end. The archive's signature
# is checked against the keyring as always.
archive=

open_archive() {
  [ -z "$archive" ] || return 0
  local mirror
  mirror=$(deploy/debian-mirror.sh)
  archive=$(mktemp -d)
  trap 'rm -rf "$archive"' EXIT
  mkdir -p "$archive"/{lists/partial,cache/archives/partial}
  echo "deb-src [signed-by=$keyring] $mirror $source_suite main" >"$archive/sources.list"
  apt_archive update
}

apt_archive() {
  apt-get -q -o Dir::Etc::SourceList="$archive/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$archive/lists" -o Dir::Cache="$archive/cache" -o APT::Sandbox::User= \
    -o Debug::NoLocking=1 "$@"
}

# Unpacks a source package's upstream part, in the version that the suite has today, as $archive/<package>.
fetch_source() {
  local package=$1
  open_archive
  say "$package: fetching the source from Debian $source_suite"
  mkdir "$archive/$package" "$archive/$package.tar"
  (cd "$archive/$package.tar" && apt_archive source --download-only --tar-only --only-source "$package")
  tar -xf "$archive/$package.tar/$package"_*.orig.tar.*[2z] -C "$archive/$package" --strip-components 1
}

# Says what a step of a build printed only if it failed.
quietly() {
  "$@" >"$archive/log" 2>&1 || { tail -n 50 "$archive/log" >&2; fail "failed: $*"; }
}

# Of what is under $prefix; 0 when there is none.
private_version() { PKG_CONFIG_LIBDIR=$prefix/lib/pkgconfig pkg-config --modversion "$1" 2>/dev/null || echo 0; }

at_least() { dpkg --compare-versions "$1" ge "$2"; }

distribution_has_libpq() { at_least "$(dpkg-query -W -f '${Version}' libpq-dev)" "$libpq_minimum"; }

# As Debian's, it looks for the server's socket and for pg_service.conf where Debian has them.
build_libpq() {
  install_packages bison flex perl bzip2
  fetch_source postgresql-17
  say "libpq: building (less than a minute)"
  (
    cd "$archive/postgresql-17"
    sed -i '/DEFAULT_PGSOCKET_DIR/s|"/tmp"|"/var/run/postgresql"|' src/include/pg_config_manual.h
    quietly ./configure --prefix="$prefix" --sysconfdir=/etc/postgresql-common \
      --without-readline --without-zlib --without-icu --with-openssl
    quietly make -j "$(nproc)" -C src/interfaces/libpq libpq.a libpq.pc
    as_root install -d "$prefix"/{include/libpq,lib/pkgconfig}
    as_root install -m 644 src/interfaces/libpq/libpq-{fe,events}.h \
      src/include/{postgres_ext,pg_config,pg_config_ext}.h "$prefix/include"
    as_root install -m 644 src/include/libpq/libpq-fs.h "$prefix/include/libpq"
    as_root install -m 644 src/interfaces/libpq/libpq.a src/common/libpgcommon_shlib.a src/port/libpgport_shlib.a \
      "$prefix/lib"
    # Last: it says that the rest is there.
    as_root install -m 644 src/interfaces/libpq/libpq.pc "$prefix/lib/pkgconfig"
  )
  say "libpq: $(private_version libpq) installed under $prefix"
}

install_libpq() {
  if distribution_has_libpq; then
    say "libpq: Debian's is new enough"
  elif at_least "$(private_version libpq)" "$libpq_minimum"; then
    say "libpq: $(private_version libpq) present"
  else
    build_libpq
  fi
}

build_pqxx() {
  local libpq=(-DPostgreSQL_TYPE_INCLUDE_DIR=/usr/include/postgresql)
  distribution_has_libpq || libpq=(-DPostgreSQL_{TYPE_,}INCLUDE_DIR="$prefix/include"
    -DPostgreSQL_LIBRARY="$prefix/lib/libpq.a")
  fetch_source libpqxx
  say "libpqxx: building (about a minute)"
  quietly cmake -S "$archive/libpqxx" -B "$archive/pqxx" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_CXX_STANDARD=20 -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
    -DBUILD_SHARED_LIBS=OFF -DCMAKE_CXX_FLAGS=-w -DSKIP_BUILD_TEST=ON -DBUILD_DOC=OFF "${libpq[@]}"
  quietly cmake --build "$archive/pqxx"
  as_root cmake --install "$archive/pqxx" >/dev/null
  say "libpqxx: $(private_version libpqxx) installed under $prefix"
}

# Whether one is there that goes with the libpq in use.
pqxx_is_present() {
  at_least "$(private_version libpqxx)" "$pqxx_minimum" && return
  distribution_has_libpq &&
    PKG_CONFIG_PATH=/usr/local/lib/pkgconfig pkg-config --exists "libpqxx >= $pqxx_minimum"
}

# Whether the distribution's would do.
pqxx_is_packaged() {
  local candidate
  candidate=$(apt-cache policy libpqxx-dev | sed -n 's/^ *Candidate: *//p')
  distribution_has_libpq && [ "${candidate:-(none)}" != "(none)" ] && at_least "$candidate" "$pqxx_minimum"
}

install_pqxx() {
  if pqxx_is_present; then
    say "libpqxx: present"
  elif pqxx_is_packaged; then
    install_packages libpqxx-dev
  else
    build_pqxx
  fi
}

# buf lints the .proto files and makes sample calls. The lock file names its exact version and checksum.
install_npm_tools() {
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
# Node.js may come from elsewhere than Debian (its own npm included), so the programs are asked for.
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)
install_packages "${packages[@]}"
install_libpq
install_pqxx
install_npm_tools
say "everything needed is installed"
