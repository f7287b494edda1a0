#!/usr/bin/env bash
# server/README.md names for each folder which others it may use: as server/CMakeLists.txt does.
set -euo pipefail
cd "$(dirname "$0")/../../server"
told() {
  sed -nE 's/^\| \[([a-z]+)\]\([a-z]+\) \| ([a-z, ]*) ?\|.*/\1 \2/p' README.md | tr -d , | sed 's/ *$//'
}
true_ones() {
  sed -nE 's/^set\(TENANTRY_MAY_USE_([a-z]+) ?(.*)\)$/\1 \2/p' CMakeLists.txt | sed 's/ *$//' |
    while read -r module uses; do
      [ ! -d "$module" ] || {
        list=$module
        for used in $uses; do [ ! -d "$used" ] || list+=" $used"; done
        echo "$list"
      }
    done
}
[ -n "$(told)" ] && diff <(true_ones | sort) <(told | sort)
