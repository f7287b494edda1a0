#!/usr/bin/env bash
# Fetches one source and builds one library of it. deploy/install-deps.sh calls it, with one source after the other,
# until one works.
#
#   deploy/build-library.sh WORK STAGE libpq|libpqxx suite MIRROR SUITE PACKAGE
#   deploy/build-library.sh WORK STAGE libpq|libpqxx file URL SHA256
#
# `suite` takes the version that a suite of a Debian mirror has today. The archive's signature is checked as always.
# `file` takes one file, which must have this checksum.
#
# STAGE receives the library as it belongs under its prefix ($TENANTRY_PRIVATE_LIBRARIES). WORK is for what is
# downloaded; a package index that is there already is used again. Needs no root, and changes nothing else.
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C

readonly work=$1 stage=$2 library=$3 origin=$4
readonly prefix=$TENANTRY_PRIVATE_LIBRARIES
readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg
readonly source=$work/source
# A mirror that does not answer must not hold the installation up.
readonly limits=(-o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20)

# apt-get with a state of its own, so that the machine's package sources stay as they are.
suite_apt() {
  local state=$1
  shift
  apt-get -q "${limits[@]}" -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" -o APT::Sandbox::User= \
    -o Debug::NoLocking=1 -o APT::Update::Error-Mode=any "$@"
}

# Prints the folder of the apt state for this suite.
open_suite() {
  local mirror=$1 suite=$2 state
  state=$work/apt-$(printf '%s' "$mirror $suite" | tr -c 'a-z0-9\n' -)
  if [ ! -e "$state/ready" ]; then
    mkdir -p "$state"/{lists/partial,cache/archives/partial}
    echo "deb-src [signed-by=$keyring] $mirror $suite main" >"$state/sources.list"
    suite_apt "$state" update >&2
    touch "$state/ready"
  fi
  echo "$state"
}

fetch_from_suite() {
  local mirror=$1 suite=$2 package=$3 state
  state=$(open_suite "$mirror" "$suite")
  (cd "$work/download" && suite_apt "$state" source --download-only --tar-only --only-source "$package")
}

fetch_file() {
  local url=$1 checksum=$2
  PATH=$PATH:/usr/lib/apt apt-helper "${limits[@]}" download-file "$url" "$work/download/${url##*/}" "SHA256:$checksum"
}

# Leaves the upstream part of the source package in $source.
fetch() {
  rm -rf "$work/download" "$source"
  mkdir -p "$work/download" "$source"
  case $origin in
    suite) fetch_from_suite "$@" ;;
    file) fetch_file "$@" ;;
    *) echo "build-library: unknown kind of source: $origin" >&2; exit 2 ;;
  esac
  tar -xf "$work"/download/*.orig.tar.*[2z] -C "$source" --strip-components 1
}

# Static, and without GSSAPI and LDAP. It looks for the server's socket and for pg_service.conf where Debian has them.
build_libpq() {
  cd "$source"
  sed -i '/DEFAULT_PGSOCKET_DIR/s|"/tmp"|"/var/run/postgresql"|' src/include/pg_config_manual.h
  ./configure --prefix="$prefix" --sysconfdir=/etc/postgresql-common \
    --without-readline --without-zlib --without-icu --with-openssl
  make -j "$(nproc)" -C src/interfaces/libpq libpq.a libpq.pc
  install -d "$stage"/{include/libpq,lib/pkgconfig}
  install -m 644 src/interfaces/libpq/libpq-{fe,events}.h src/include/{postgres_ext,pg_config}.h "$stage/include"
  # Until version 17.
  [ ! -e src/include/pg_config_ext.h ] || install -m 644 src/include/pg_config_ext.h "$stage/include"
  install -m 644 src/include/libpq/libpq-fs.h "$stage/include/libpq"
  install -m 644 src/interfaces/libpq/libpq.a src/common/libpgcommon_shlib.a src/port/libpgport_shlib.a "$stage/lib"
  install -m 644 src/interfaces/libpq/libpq.pc "$stage/lib/pkgconfig"
}

# With the libpq that the server will be linked with: there is only one in a process.
build_libpqxx() {
  local libpq=(-DPostgreSQL_TYPE_INCLUDE_DIR=/usr/include/postgresql)
  [ ! -e "$prefix/lib/libpq.a" ] || libpq=(-DPostgreSQL_{TYPE_,}INCLUDE_DIR="$prefix/include"
    -DPostgreSQL_LIBRARY="$prefix/lib/libpq.a")
  rm -rf "$work/build"
  cmake -S "$source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_CXX_STANDARD=20 -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
    -DBUILD_SHARED_LIBS=OFF -DCMAKE_CXX_FLAGS=-w -DSKIP_BUILD_TEST=ON -DBUILD_DOC=OFF "${libpq[@]}"
  cmake --build "$work/build"
  DESTDIR=$work/installed cmake --install "$work/build"
  mv "$work/installed$prefix" "$stage"
}

shift 4
rm -rf "$stage" "$work/installed"
fetch "$@"
case $library in
  libpq) build_libpq ;;
  libpqxx) build_libpqxx ;;
  *) echo "build-library: unknown library: $library" >&2; exit 2 ;;
esac
