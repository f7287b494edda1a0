#!/usr/bin/env bash
# Installs what building, testing and running Tenantry needs on Debian 12 or 13.
#
#   deploy/install-deps.sh            everything
#   deploy/install-deps.sh --server   what building and running the server takes: no tools of tests, no Node.js
#   deploy/install-deps.sh --package  the same, and what deploy/package.sh takes
#
# Safe to run again: what is present is left alone, and when nothing is missing neither the network nor root is
# used. Needs root or sudo otherwise. No PostgreSQL cluster is created or started.
#
# Two libraries are built once from source, and put under /usr/local/lib/tenantry, where nothing else looks, if the
# distribution's are too old:
#   libpq 17, whose PQsendPipelineSync writes many transactions to PostgreSQL with one system call. Without it each
#     transaction is one, which is slower and nothing else: where no source can be had, the distribution's libpq does.
#   libpqxx >= 7.8 (release_raw_connection), with that libpq: there is only one in a process.
# Each has several sources, since a mirror may lack any one file on any one day.
#
# Only the libraries, the compiler and PostgreSQL are needed for the server. What else cannot be installed is named in
# the end, and the tests that need it are skipped or fail.
#
# Variables:
#   TENANTRY_PRIVATE_LIBRARIES   another folder than /usr/local/lib/tenantry (CMake reads it too)
set -euo pipefail
cd "$(dirname "$0")/.."

readonly libpq_minimum=17
readonly pqxx_minimum=7.8
export TENANTRY_PRIVATE_LIBRARIES=${TENANTRY_PRIVATE_LIBRARIES:-/usr/local/lib/tenantry}
readonly prefix=$TENANTRY_PRIVATE_LIBRARIES
# What the steps print that nobody reads while they work.
readonly log=build/install-deps.log

# What tenantryd and tenantry are built from, and the database that `tenantryd dev` starts.
required=(
  g++ cmake ninja-build make pkg-config ca-certificates
  libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libprotoc-dev libabsl-dev libre2-dev
  libspdlog-dev libpq-dev libssl-dev libjemalloc-dev libcli11-dev nlohmann-json3-dev libmicrohttpd-dev
  postgresql
)
optional=(ccache curl)

# Tests, benchmarks, formatting. Node.js may come from elsewhere than Debian (its own npm included), so the programs are
# asked for.
want_tools_of_tests() {
  optional+=(
    git jq openssl zsh fish pgbouncer dpkg-dev file
    libgtest-dev libgmock-dev libbenchmark-dev libcpp-httplib-dev nghttp2-client clang-format python3-grpcio
  )
  command -v node >/dev/null || optional+=(nodejs)
  command -v npm >/dev/null || optional+=(npm)
}

# Where the sources of the two libraries may be, in the order in which they are tried: first as the machine's mirror has
# them for Debian 13 today, then files of versions that are known to work. `mirror` stands for the machine's Debian mirror.
# A pool keeps a version only while some suite has it, hence several.
libpq_sources=(
  "suite mirror trixie postgresql-17"
  "file mirror/pool/main/p/postgresql-17/postgresql-17_17.11.orig.tar.bz2
    dd27f2b3c59e73ed14aa3324901242bf69a032a6347805f274e6260322d42979"
  "file mirror/pool/main/p/postgresql-17/postgresql-17_17.10.orig.tar.bz2
    078a03516dcdbdb705fecaf415ea3d13a956c589e46f09fed68a06fb00598c90"
  "file mirror/pool/main/p/postgresql-17/postgresql-17_17.9.orig.tar.bz2
    3b9a62538a8da151e807a3ddb1198e8605f2032544d78f403ae883d27ecf1ee4"
  "suite mirror forky postgresql-18"
)
libpqxx_sources=(
  "suite mirror trixie libpqxx"
  "file mirror/pool/main/libp/libpqxx/libpqxx_7.10.0.orig.tar.gz
    d588bca36357eda8bcafd5bc1f95df1afe613fdc70c80e426fc89eecb828fc3e"
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
  as_root env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 \
    apt-get -o Dpkg::Use-Pty=0 -o Acquire::Retries=2 -o Acquire::http::Timeout=30 "$@" </dev/null
}

# --- Debian's packages

# Prints those of the packages that are not installed.
missing() {
  printf '%s\n' "$@" | grep -vxFf <(
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p'
  ) || true
}

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

apt_install() {
  local -a guard=(without_main_cluster)
  case " $* " in *" pgbouncer "*) guard=(without_services without_main_cluster) ;; esac
  "${guard[@]}" apt_get install -q -y --no-install-recommends "$@"
}

# One source of the machine may be out of order without any package of ours being concerned.
update_index() {
  apt_get update -q || say "apt-get update complained; going on with the package lists that are here"
}

# Installs as many of the packages as can be had. First all at once; if that fails, one by one, so that one that cannot be
# had does not keep the others away.
install_what_can_be() {
  local -a packages
  local package
  mapfile -t packages < <(missing "$@")
  [ "${#packages[@]}" -gt 0 ] || return 0
  apt_install "${packages[@]}" && return
  for package in $(missing "${packages[@]}"); do
    apt_install "$package" || true
  done
}

install_packages() {
  local -a wanted needed
  mapfile -t wanted < <(missing "${required[@]}" "${optional[@]}")
  if [ "${#wanted[@]}" -eq 0 ]; then
    say "Debian packages: all present"
    return
  fi
  say "Debian packages to install: ${wanted[*]}"
  update_index
  install_what_can_be "${wanted[@]}"
  mapfile -t needed < <(missing "${required[@]}")
  if [ "${#needed[@]}" -gt 0 ]; then
    say "trying again: a mirror that is being updated lacks files for a while"
    update_index
    install_what_can_be "${needed[@]}"
    mapfile -t needed < <(missing "${required[@]}")
  fi
  [ "${#needed[@]}" -eq 0 ] || fail "apt-get could not install ${needed[*]}, and the server cannot be built without.
Its own messages are above. Try another mirror in /etc/apt, or again later."
}

# --- the two libraries

# Of what is under $prefix; 0 when there is none.
private_version() { PKG_CONFIG_LIBDIR=$prefix/lib/pkgconfig pkg-config --modversion "$1" 2>/dev/null || echo 0; }

at_least() { dpkg --compare-versions "$1" ge "$2"; }

distribution_libpq() { dpkg-query -W -f '${Version}' libpq-dev; }

distribution_has_libpq() { at_least "$(distribution_libpq)" "$libpq_minimum"; }

# The pkg-config file goes last: it says that the rest is there.
install_stage() {
  local stage=$1
  local -a may=(as_root)
  ! mkdir -p "$prefix" 2>/dev/null || [ ! -w "$prefix" ] || may=()
  mv "$stage/lib/pkgconfig" "$stage/pkgconfig" &&
    "${may[@]}" mkdir -p "$prefix" &&
    "${may[@]}" cp -r --no-preserve=ownership "$stage/include" "$stage/lib" "$prefix" &&
    "${may[@]}" cp -r --no-preserve=ownership "$stage/pkgconfig" "$prefix/lib" ||
    fail "cannot write to $prefix"
}

# build_from_first LIBRARY SOURCE...: builds it from the first of the sources that works, and installs it.
build_from_first() {
  local library=$1 mirror source
  local -a words
  shift
  mirror=$(deploy/debian-mirror.sh)
  for source in "$@"; do
    read -r -d '' -a words <<<"${source//mirror/${mirror%/}}" || true
    echo "--- $library from ${words[*]}" >>"$log"
    deploy/build-library.sh "$work" "$work/stage" "$library" "${words[@]}" >>"$log" 2>&1 </dev/null || continue
    install_stage "$work/stage"
    say "$library: $(private_version "$library") installed under $prefix"
    return
  done
  return 1
}

# What the build of libpq takes and nothing else of ours.
readonly libpq_tools=(make bison flex perl bzip2)

build_libpq() {
  say "libpq: fetching and building (about a minute)"
  install_what_can_be "${libpq_tools[@]}" >>"$log"
  build_from_first libpq "${libpq_sources[@]}" ||
    say "libpq: no source of version $libpq_minimum could be had and built (see $log);" \
      "going on with Debian's $(distribution_libpq), which sends each transaction by itself"
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

private_libpq_is_in_use() { [ -e "$prefix/lib/libpq.a" ]; }

# Whether one is there that goes with the libpq in use.
pqxx_is_present() {
  at_least "$(private_version libpqxx)" "$pqxx_minimum" && return
  ! private_libpq_is_in_use &&
    PKG_CONFIG_PATH=/usr/local/lib/pkgconfig pkg-config --exists "libpqxx >= $pqxx_minimum"
}

# Whether the distribution's would do.
pqxx_is_packaged() {
  local candidate
  candidate=$(apt-cache policy libpqxx-dev | sed -n 's/^ *Candidate: *//p')
  ! private_libpq_is_in_use && [ "${candidate:-(none)}" != "(none)" ] && at_least "$candidate" "$pqxx_minimum"
}

install_pqxx() {
  if pqxx_is_present; then
    say "libpqxx: present"
    return
  fi
  if pqxx_is_packaged; then
    apt_install libpqxx-dev && return
    say "libpqxx: Debian's package cannot be installed"
  fi
  say "libpqxx: fetching and building (about a minute)"
  build_from_first libpqxx "${libpqxx_sources[@]}" || {
    tail -n 50 "$log" >&2
    fail "no source of libpqxx $pqxx_minimum or later could be had and built, and the server cannot be built without.
The end of $log is above. Any libpqxx >= $pqxx_minimum that pkg-config finds will do."
  }
}

# --- buf

# It lints the .proto files and makes sample calls. The lock file names its exact version and checksum.
install_buf() {
  if cmp -s package-lock.json node_modules/.tenantry-lock; then
    say "npm packages: all present"
    return
  fi
  say "npm packages: installing buf"
  # Not `npm ci`: it insists that the registry offers buf for every platform, ours included or not.
  if timeout 300 npm install --no-save --no-audit --no-fund --loglevel=error >>"$log" 2>&1 </dev/null &&
    node_modules/.bin/buf --version >>"$log" 2>&1; then
    cp package-lock.json node_modules/.tenantry-lock
  else
    say "npm packages: buf could not be installed (see $log); the server needs none of it, tests of it are skipped"
  fi
}

case "${1:-}" in
  "") want_tools_of_tests ;;
  --server) ;;
  --package) required+=(dpkg-dev file) ;;
  *) fail "unknown argument: $1 (there are --server and --package)" ;;
esac
[ -r /etc/debian_version ] || fail "only Debian 12 and 13 are supported by this script"
mkdir -p build
: >"$log"
work=$(mktemp -d)
readonly work
trap 'rm -rf "$work"' EXIT
install_packages
install_libpq
install_pqxx
[ -n "${1:-}" ] || install_buf
mapfile -t absent < <(missing "${optional[@]}")
[ "${#absent[@]}" -eq 0 ] || say "not installed, and not needed by the server: ${absent[*]}"
say "everything needed is installed"
