# For the stubs: what is to fail, and sources that build in no time.

# Whether the test wants this to fail: BREAKS is a list of patterns. A pattern with "once/" before it fails once.
breaks() {
  local pattern
  for pattern in $BREAKS; do
    if [[ $pattern == once/* ]]; then
      # shellcheck disable=SC2053
      [[ $1 == ${pattern#once/} ]] && [ ! -e "$PLACE/broke:$1" ] && touch "$PLACE/broke:$1" && return
    else
      # shellcheck disable=SC2053
      [[ $1 != $pattern ]] || return 0
    fi
  done
  return 1
}

# make_source PACKAGE ORIGIN: writes a source package into the working folder. Its library says where it came from, by its
# version: 17.11 of a file, 17.0.trixie of a suite.
make_source() {
  local package=$1 version=$2 tree
  tree=$(mktemp -d)
  case $version in
    [0-9]*) ;;
    *) case $package in postgresql-*) version=${package#*-}.0.$version ;; *) version=7.10.$version ;; esac ;;
  esac
  mkdir -p "$tree/top"
  case $package in
    postgresql-*) libpq_tree "$tree/top" "$version" ;;
    libpqxx) libpqxx_tree "$tree/top" "$version" ;;
  esac
  tar -czf "${package}_$version.orig.tar.gz" -C "$tree" top
  rm -rf "$tree"
}

libpq_tree() {
  local top=$1 version=$2 interfaces=$1/src/interfaces/libpq
  mkdir -p "$top"/src/{include/libpq,interfaces/libpq,common,port}
  printf '#!/bin/sh\nexit %s\n' "$(if breaks "build:postgresql-$version"; then echo 1; else echo 0; fi)" >"$top/configure"
  chmod +x "$top/configure"
  echo '#define DEFAULT_PGSOCKET_DIR  "/tmp"' >"$top/src/include/pg_config_manual.h"
  touch "$top"/src/include/{postgres_ext,pg_config,pg_config_ext,libpq/libpq-fs}.h "$interfaces"/libpq-{fe,events}.h
  touch "$top/src/common/libpgcommon_shlib.a" "$top/src/port/libpgport_shlib.a"
  printf 'libpq.a:\n\ttouch $@\n' >"$interfaces/Makefile"
  pc_file libpq "$version" >"$interfaces/libpq.pc"
}

libpqxx_tree() {
  local top=$1 version=$2
  touch "$top/pqxx" "$top/libpqxx.a"
  pc_file libpqxx "$version" >"$top/libpqxx.pc"
  cat >"$top/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.18)
project(libpqxx LANGUAGES NONE)
file(WRITE ${CMAKE_BINARY_DIR}/built-with "${PostgreSQL_LIBRARY}")
install(FILES pqxx ${CMAKE_BINARY_DIR}/built-with DESTINATION include)
install(FILES libpqxx.a DESTINATION lib)
install(FILES libpqxx.pc DESTINATION lib/pkgconfig)
CMAKE
  ! breaks "build:libpqxx-$version" || echo 'message(FATAL_ERROR "made to fail")' >>"$top/CMakeLists.txt"
}

pc_file() { printf 'Name: %s\nDescription: stub\nVersion: %s\nLibs:\n' "$1" "$2"; }
