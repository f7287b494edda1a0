#!/usr/bin/env bash
# Where the CPU of tenantryd goes under a load of one method: by module, by function, and by stage with everything that
# is called from it. Text on standard output. Uses perf (Debian: linux-perf) or else valgrind's callgrind.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
fail() { printf 'profile: %s\n' "$*" >&2; exit 1; }
say() { printf '==> %s\n' "$*" >&2; }
. "$here/cluster.sh"
. "$here/measure.sh"
. "$here/servers.sh"
. "$here/fixture.sh"

usage() {
  cat <<'HELP'
usage: tests/bench/profile.sh [options]
  --build-dir DIR   where the programs are (default build)
  --method NAME     GetContact, ListContacts or CreateContact (default GetContact)
  --server NAME     tenantryd, textbook or echo (default tenantryd)
  --seconds S       length of the recording (default 6)
  --keep FILE       keep perf's data
  --callgrind       count instructions with valgrind instead
  --tenantryd-flags "..."  further flags of tenantryd serve
HELP
}

build_dir=$root/build method=GetContact server=tenantryd seconds=6 keep='' callgrind='' tenantryd_flags='' tenants=20 contacts=500 orders=0
while [ $# -gt 0 ]; do
  case $1 in
    --build-dir) build_dir=$2; shift ;;
    --method) method=$2; shift ;;
    --server) server=$2; shift ;;
    --seconds) seconds=$2; shift ;;
    --keep) keep=$2; shift ;;
    --callgrind) callgrind=1 ;;
    --tenantryd-flags) tenantryd_flags=$2; shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; fail "unknown option $1" ;;
  esac
  shift
done
if [ -z "$callgrind" ] && ! command -v perf >/dev/null; then callgrind=1; fi
if [ -n "$callgrind" ] && ! command -v valgrind >/dev/null; then fail "neither perf (linux-perf) nor valgrind is installed"; fi

build_dir=$(realpath -m "$build_dir")
fixture_begin

# Functions by module: perf's table of library and symbol, summed by library, and by namespace within our program.
by_module() {
  awk -F '\t' '
    $1 !~ /^ *[0-9.]+% *$/ { next }
    {
      share = $1 + 0; library = $2; symbol = $3
      gsub(/^ +| +$/, "", library); gsub(/^ +| +$/, "", symbol)
      sub(/^\[[^\]]*\] /, "", symbol)
      module = library
      if (library ~ /kernel/) module = "kernel"
      else if (match(symbol, /tenantry::[a-z]+::/)) module = substr(symbol, RSTART, RLENGTH - 2)
      else if (library !~ /\.so/) module = library " (other)"
      if (symbol ~ /^(_int_)?(malloc|free|realloc|calloc|malloc_consolidate|unlink_chunk|cfree|tcache.*|operator (new|delete).*)/ ||
          symbol ~ /^(__libc_(malloc|free|realloc|calloc)|_int_(malloc|free|realloc)|malloc_usable_size)/) module = "malloc and free"
      sum[module] += share
    }
    END { for (m in sum) printf "%6.2f %%  %s\n", sum[m], m }' | sort -rn
}

record_with_perf() {
  local data=$work/perf.data
  perf record -q -e cpu-clock -F 997 --call-graph dwarf,4096 -p "${server_pid[$server]}" -o "$data" -- sleep "$seconds" \
    >"$work/perf.log" 2>&1 || fail "perf failed: $(tail -n 3 "$work/perf.log")"
  wait "$load_pid" || fail "the load failed"
  echo "== by module (own time, % of the server's CPU)"
  perf report -i "$data" --stdio -g none --no-children --sort dso,symbol -t $'\t' 2>/dev/null | by_module
  echo
  echo "== by function (own time)"
  perf report -i "$data" --stdio -g none --no-children --sort dso,symbol --percent-limit 0.7 2>/dev/null |
    grep -E '^ +[0-9]' | cut -c 1-150 || true
  echo
  echo "== our functions with all that they call"
  perf report -i "$data" --stdio -g none --children --sort symbol --percent-limit 0.7 2>/dev/null |
    grep -E '^ +[0-9].*(tenantry|main|grpc::internal::Callback)' | cut -c 1-150 || true
  if [ -n "$keep" ]; then cp "$data" "$keep"; fi
}

# Instructions, not time; the server runs some fifty times slower, so the load is light.
record_with_callgrind() {
  wait "$load_pid" || fail "the load failed"
  server_stop "$server"
  callgrind_annotate --auto=no --inclusive=no "$work/callgrind.out" | head -n 60 | cut -c 1-160
}

if [ -n "$callgrind" ]; then server_wrapper="valgrind -q --tool=callgrind --callgrind-out-file=$work/callgrind.out"; fi
fixture_server "$server"
learn_reply_size "$server" "$method"
say "$method on $server for $seconds s"
h2load_run "$server" "$method" 4 16 -D 1
h2load_run "$server" "$method" 4 16 -D $((seconds + 1)) &
load_pid=$!
if [ -n "$callgrind" ]; then record_with_callgrind; else record_with_perf; fi
