#!/usr/bin/env bash
# Runs the commands of README.md, in order, as a newcomer would: run_readme.sh <folder of the built programs>
#
# Every ```sh block is run by one shell that stops at the first failure. A comment line before a block says otherwise:
#   <!-- serves -->                   runs in the background until the next such block; the following ones are its second
#                                     terminal
#   <!-- serves beside -->            the same, without ending the one before
#   <!-- continuous integration -->   is not run here
# It happens in a folder of its own that looks like the clone, with the programs that are built already, and on free
# ports instead of 7070 and 7071.
set -euo pipefail
programs=$(realpath "$1")
source_dir=$(realpath "$(dirname "$0")/../..")
place=$(mktemp -d)
chmod 755 "$place" # PostgreSQL, run as another user, keeps its data below it
servers=()

stop_servers() {
  local server
  for ((; ${#servers[@]} > 0; )); do
    server=${servers[-1]}
    unset 'servers[-1]'
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" || { echo "README: a server ended with status $?" >&2; cat serve.log >&2; return 1; }
  done
}
trap 'stop_servers || true; rm -rf "$place"' EXIT

# What the clone has, in the place: links to the sources and to the programs.
lay_out() {
  local name
  for name in proto sql client node_modules package.json; do ln -s "$source_dir/$name" "$name"; done
  mkdir -p build/dev deploy
  ln -s "$programs" build/dev/bin
  # What the real one does after it has built.
  printf '#!/bin/sh\nexec build/dev/bin/tenantryd dev "$@"\n' >deploy/quickstart.sh
  chmod +x deploy/quickstart.sh
}

# Blocks into files 01.run, 02.serves, 03.beside, ...
extract_blocks() {
  awk '
    /^<!-- .* -->$/ { kind = $2 != "serves" ? "skipped" : $3 == "beside" ? "beside" : "serves"; next }
    /^```sh$/ { inside = 1; file = sprintf("%02d.%s", ++n, kind == "" ? "run" : kind); next }
    /^```$/ && inside { inside = 0; kind = ""; close(file); next }
    inside { print > file }
  ' "$source_dir/README.md"
}

# "Your own PostgreSQL" is another database in the private cluster that `dev` has started.
own_database() {
  local psql url
  psql=$(sed -n "s/^The database: \(.*\) '.*'$/\1/p" serve.log)
  url=$(sed -n "s/^The database: .* '\(.*\)'$/\1/p" serve.log)
  "$psql" -q "${url/tenantry_app/postgres}" -c 'CREATE DATABASE own'
  url=${url/\/tenantry?/\/own?}
  export SUPERUSER_URL=${url/tenantry_app/postgres} OWNER_URL=${url/tenantry_app/tenantry_owner} APP_URL=$url
}

start_server() {
  local command
  command=$(cat "$1")
  case $command in *serve*) ;; *) command+=" --port 0" ;; esac
  # Emptied here, not by the server's redirection: that may come after the first look at it.
  : >serve.log
  rm -f ready
  TENANTRY_LISTEN=127.0.0.1:0 TENANTRY_METRICS_LISTEN=127.0.0.1:0 TENANTRY_READY_FILE=$place/ready \
    bash -c "exec $command" </dev/null >serve.log 2>&1 &
  servers+=($!)
  for ((tries = 0; tries < 600; ++tries)); do
    read_addresses && return
    kill -0 "${servers[-1]}" 2>/dev/null || break
    sleep 0.1
  done
  cat serve.log >&2
  echo "README: this server did not start: $command" >&2
  return 1
}

# `dev` tells its addresses, `serve` writes them to the ready file.
read_addresses() {
  if [ -s ready ]; then
    address=$(jq -r '.listening[0]' ready) metrics=$(jq -r '.metrics' ready)
    rm ready
  else
    read -r address metrics < <(sed -n 's|^Serving on \(.*\); metrics on http://\(.*\)/metrics|\1 \2|p' serve.log)
  fi
}

cd "$place"
lay_out
extract_blocks
for block in [0-9][0-9].*; do
  sed "s/^/    /" "$block"
  case $block in
    *.skipped) ;;
    *.serves) stop_servers && start_server "$block" ;;
    *.beside) start_server "$block" ;;
    *.run)
      ! grep -q SUPERUSER_URL "$block" || own_database
      sed -i "s/127\.0\.0\.1:7070/$address/g; s/127\.0\.0\.1:7071/$metrics/g" "$block"
      . "./$block" </dev/null
      ;;
  esac
done
stop_servers
echo "README: every block ran"
