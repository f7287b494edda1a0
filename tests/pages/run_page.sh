#!/usr/bin/env bash
# Runs the commands of pages of this repository, in order, as their reader would, and follows their links:
#   run_page.sh <build folder> <page, as in README.md>...
#
# Every ```sh block is run by one shell that stops at the first failure. A comment line before a block says otherwise:
#   <!-- serves -->                   runs in the background until the next such block, in a terminal of its own: it
#                                     does not see what other blocks have exported, except PATH
#   <!-- serves beside -->            the same, without ending the one before
#   <!-- needs buf -->                runs where buf is installed
#   <!-- needs npm -->                runs where npm can install packages and Node.js is new enough
#   <!-- needs python3-grpcio -->     runs where Python has gRPC
#   <!-- needs Docker -->, <!-- needs a cluster -->, <!-- continuous integration -->
#                                     are not run here
# A ```text block after a block of commands shows what these print: each of its lines must be among the printed ones,
# "..." standing for anything.
#
# All but README.md go on where "Start" in README.md ends: the server runs, and the programs are in PATH.
#
# It happens in a folder of its own that looks like the clone, with the programs that are built already, and on free
# ports instead of 7070 and 7071. The PostgreSQL at 127.0.0.1:5432 is the private one that `dev` has started.
set -euo pipefail
if [ "$#" -gt 2 ]; then
  for page in "${@:2}"; do "$0" "$1" "$page"; done
  exit
fi
build=$(realpath "$1")
page=$2
source_dir=$(realpath "$(dirname "$0")/../..")
place=$(mktemp -d)
chmod 755 "$place" # PostgreSQL, run as another user, keeps its data below it
servers=()
mapfile -d '' -t fresh_environment < <(env -0)

say() { printf '==> %s: %s\n' "$page" "$*"; }
fail() { printf '%s: %s\n' "$page" "$*" >&2; exit 1; }

stop_servers() {
  local server
  for ((; ${#servers[@]} > 0; )); do
    server=${servers[-1]}
    unset 'servers[-1]'
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" || { echo "$page: a server ended with status $?" >&2; cat "$place/serve.log" >&2; return 1; }
  done
}
# A block that fails ends this shell: what it printed is shown then.
finish() {
  local status=$?
  [ "$status" -eq 0 ] || ! [ -s "$place/printed" ] || { cat "$place/printed"; echo "$page: the block above failed"; } >&2
  stop_servers || true
  rm -rf "$place"
}
trap finish EXIT

# What the clone has, in the place: links to the sources and to the build.
lay_out() {
  local name
  for name in proto sql tests node_modules package.json; do ln -s "$source_dir/$name" "$name"; done
  mkdir build client deploy
  ln -s "$build" build/dev
  for name in "$source_dir"/client/*; do ln -s "$name" client; done
  for name in "$source_dir"/deploy/*; do ln -s "$name" deploy; done
  # Here code is generated.
  rm client/examples
  "$source_dir/tests/lint/list_sources.sh" "$source_dir" client/examples | (cd "$source_dir" && xargs -0 cp --parents -t "$place")
  # What the real one does after it has built.
  rm deploy/quickstart.sh
  printf '#!/bin/sh\nexec build/dev/bin/tenantryd dev "$@"\n' >deploy/quickstart.sh
  chmod +x deploy/quickstart.sh
}

# Blocks into files 01.run, 02.serves, 03.beside, ..., and what 01 shows into 01.shown. Comments that are none of the
# above are refused.
extract_blocks() {
  awk '
    BEGIN {
      kinds["serves"] = "serves"; kinds["serves beside"] = "beside"
      kinds["needs buf"] = "buf"; kinds["needs npm"] = "npm"; kinds["needs python3-grpcio"] = "python"
      kinds["needs Docker"] = kinds["needs a cluster"] = kinds["continuous integration"] = "skipped"
    }
    /^<!-- .* -->$/ {
      kind = substr($0, 6, length($0) - 9)
      if (!(kind in kinds)) { print FILENAME ":" FNR ": no such mark: " $0 >"/dev/stderr"; exit 1 }
      kind = kinds[kind]; next
    }
    /^```sh$/ { inside = 1; file = sprintf("%02d.%s", ++n, kind == "" ? "run" : kind); next }
    /^```text$/ { inside = 1; file = sprintf("%02d.shown", n); next }
    /^```$/ && inside { inside = 0; kind = ""; close(file); next }
    inside { print > file; next }
    kind != "" && NF { print FILENAME ":" FNR ": a mark without a block of commands" >"/dev/stderr"; exit 1 }
  ' "$source_dir/$page"
}

# Files exist, headings too: [..](path#heading).
check_links() {
  local link file heading
  while read -r link; do
    case $link in http:* | https:*) continue ;; esac
    file=${link%%#*} heading=
    [ "$file" = "$link" ] || heading=${link#*#}
    [ -n "$file" ] && file=$(dirname "$page")/$file || file=$page
    [ -e "$source_dir/$file" ] || fail "the link $link leads nowhere"
    [ -z "$heading" ] || sed -n 's/^##* //p' "$source_dir/$file" | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9_\n-' |
      grep -qx -e "$heading" || fail "the link $link names no heading"
  done < <(awk '/^```/ {code = !code} !code' "$source_dir/$page" | grep -oE '\]\([^)]+\)' | sed 's/^](//; s/)$//')
}

start_server() {
  local command
  [ "${postgres:-}" = "" ] || sed -i "s|127\.0\.0\.1:5432|$postgres|g" "$1"
  command=$(cat "$1")
  case $command in *"tenantryd serve"*) ;; *) command+=" --port 0" ;; esac
  # Emptied here, not by the server's redirection: that may come after the first look at it.
  : >"$place/serve.log"
  rm -f "$place/ready"
  env -i "${fresh_environment[@]}" PATH="$PATH" TENANTRY_LISTEN=127.0.0.1:0 TENANTRY_METRICS_LISTEN=127.0.0.1:0 \
    TENANTRY_READY_FILE="$place/ready" bash -c "exec env $command" </dev/null >"$place/serve.log" 2>&1 &
  servers+=($!)
  for ((tries = 0; tries < 1200; ++tries)); do
    read_addresses && return
    kill -0 "${servers[-1]}" 2>/dev/null || break
    sleep 0.1
  done
  cat "$place/serve.log" >&2
  fail "this server did not start: $command"
}

# `dev` tells its addresses, `serve` writes them to the ready file.
read_addresses() {
  if [ -s "$place/ready" ]; then
    address=$(jq -r '.listening[0]' "$place/ready") metrics=$(jq -r '.metrics' "$place/ready")
    rm "$place/ready"
  else
    read -r address metrics < <(sed -n 's|^Serving on \(.*\); metrics on http://\(.*\)/metrics|\1 \2|p' "$place/serve.log") || return
    # In a connection URI a socket's folder is written in place of the host, with %2F for slashes.
    read -r host port < <(sed -n "s/^The database: .*host=\([^&]*\)&port=\([0-9]*\).*/\1 \2/p" "$place/serve.log") || return
    postgres=${host//\//%2F}:$port
  fi
}

run_block() {
  local block=$1 pattern line
  sed -i "s|127\.0\.0\.1:7070|$address|g; s|127\.0\.0\.1:7071|$metrics|g; s|127\.0\.0\.1:5432|$postgres|g" "$block"
  # Not with `||` behind it: a shell does not stop at failures then.
  . "$place/$block" </dev/null >"$place/printed" 2>&1
  sed 's/^/      /' "$place/printed"
  [ "$PWD" = "$place" ] || fail "the block above leaves its reader in another folder"
  [ -e "${block%.*}.shown" ] || { : >"$place/printed"; return; }
  while IFS= read -r line; do
    pattern=${line//[\\\*\?\[]/\\&}
    pattern="*${pattern//.../*}*"
    while IFS= read -r printed; do
      # shellcheck disable=SC2053 # a pattern it is
      [[ $printed != $pattern ]] || continue 2
    done <"$place/printed"
    fail "the block above does not print: $line"
  done <"${block%.*}.shown"
  : >"$place/printed"
}

has_buf() { node_modules/.bin/buf --version >/dev/null 2>&1 || { missing="buf is not installed"; return 1; }; }

# Node.js of the version that the example asks for, and its packages. Those are kept from run to run.
has_npm() {
  local example=client/examples/typescript kept=$build/pages wanted
  wanted=$(jq -r '.engines.node | ltrimstr(">=")' "$example/package.json")
  command -v npm >/dev/null && command -v node >/dev/null || { missing="npm or Node.js is not installed"; return 1; }
  [ "$(node -p 'parseInt(process.versions.node)')" -ge "$wanted" ] ||
    { missing="Node.js $(node --version) is older than $wanted"; return 1; }
  ! cmp -s "$example/package.json" "$kept/package.json" || cp -r "$kept/node_modules" "$example"
  npm install --prefix "$example" --no-audit --no-fund --loglevel=error </dev/null >npm.log 2>&1 ||
    { missing="npm cannot install packages: $(tail -n 1 npm.log)"; return 1; }
  cmp -s "$example/package.json" "$kept/package.json" && return
  rm -rf "$kept"
  mkdir -p "$kept"
  cp -r "$example/node_modules" "$example/package.json" "$kept"
}

# Debian's Python has it even if another Python comes first.
has_python_grpc() {
  local python
  for python in python3 /usr/bin/python3; do
    "$python" -c 'import grpc, google.protobuf' 2>/dev/null || continue
    mkdir -p first
    ln -sf "$(command -v "$python")" first/python3
    PATH=$place/first:$PATH
    return
  done
  missing="python3-grpcio is not installed"
  return 1
}

needs() {
  if "$1"; then run_block "$2"; else say "SKIPPED: $missing"; fi
}

cd "$place"
check_links
lay_out
extract_blocks
shopt -s nullglob
blocks=([0-9][0-9].*)
if [ "$page" != README.md ] && [ ${#blocks[@]} -gt 0 ]; then
  PATH=$place/build/dev/bin:$PATH
  echo deploy/quickstart.sh >00.serves
  start_server 00.serves
fi
for block in "${blocks[@]}"; do
  [ "${block#*.}" != shown ] || continue
  sed 's/^/    /' "$block"
  case $block in
    *.skipped) say "not run here" ;;
    *.serves) stop_servers && start_server "$block" ;;
    *.beside) start_server "$block" ;;
    *.buf) needs has_buf "$block" ;;
    *.npm) needs has_npm "$block" ;;
    *.python) needs has_python_grpc "$block" ;;
    *.run) run_block "$block" ;;
  esac
done
stop_servers
say "every block ran that can be run here"
