#!/usr/bin/env bash
# The speed of tenantryd beside a textbook server, a bare gRPC echo and pgbench: one run, interleaved rounds, on a
# private PostgreSQL. Prints medians, ratios and the targets; run.sh --help lists the options.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
fail() { printf 'bench: %s\n' "$*" >&2; exit 1; }
say() { printf '==> %s\n' "$*" >&2; }
. "$here/cluster.sh"
. "$here/measure.sh"
. "$here/servers.sh"
. "$here/fixture.sh"

usage() {
  cat <<'HELP'
usage: tests/bench/run.sh [options]
  --build-dir DIR   where the programs are (default build); they are built unless --no-build
  --no-build        measure what is there
  --rounds N        rounds of every row (default 5)
  --seconds S       length of one measurement (default 4)
  --rows LIST       of get,alone,list,total,tree,create,nested,revenue,batch,get-load,mixed,once,memory,export,import,depth
                    (default all),
                    or tune: settings of the textbook server
  --tenants N       tenants loaded (default 20)
  --contacts N      contacts of each tenant (default 500)
  --orders N        orders of the first tenant (default 20000)
  --export-rows N   contacts that are exported, and imported (default 1000000)
  --json FILE       also write every figure as JSON
  --quick           3 rounds of 2 seconds
  --smoke           1 round of 1 second: does everything still work; targets are not judged
  --tenantryd-flags "..."  further flags of tenantryd serve
HELP
}

build_dir=$root/build build=1 rounds=5 seconds=4 tenants=20 contacts=500 orders=20000 export_rows=1000000 json='' judge=1 tenantryd_flags=''
rows=get,alone,list,total,tree,create,nested,revenue,batch,get-load,mixed,once,memory,export,import,depth
while [ $# -gt 0 ]; do
  case $1 in
    --build-dir) build_dir=$2; shift ;;
    --no-build) build= ;;
    --rounds) rounds=$2; shift ;;
    --seconds) seconds=$2; shift ;;
    --rows) rows=$2; shift ;;
    --tenants) tenants=$2; shift ;;
    --contacts) contacts=$2; shift ;;
    --orders) orders=$2; shift ;;
    --export-rows) export_rows=$2; shift ;;
    --json) json=$2; shift ;;
    --quick) rounds=3 seconds=2 ;;
    --smoke) rounds=1 seconds=1 judge='' rows=get,alone,list,total,tree,create,nested,revenue tenants=4 ;;
    --tenantryd-flags) tenantryd_flags=$2; shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; fail "unknown option $1" ;;
  esac
  shift
done
build_dir=$(realpath -m "$build_dir")
wants() { [[ ,$rows, == *,$1,* ]]; }

build_programs() {
  [ -n "$build" ] || return 0
  say "building"
  if [ ! -f "$build_dir/CMakeCache.txt" ]; then
    cmake -S "$root" -B "$build_dir" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo >&2 || fail "cmake failed"
  fi
  cmake --build "$build_dir" --target bench >&2 || fail "the build failed"
}

# The servers of this run: those that are built.
prepare_servers() {
  local method contender
  fixture_server echo
  if [ -x "$build_dir/bin/bench_textbook" ]; then
    fixture_server textbook
    fixture_server textbook-tuned
  fi
  fixture_server tenantryd
  fixture_server tenantryd-unshared
  for method in GetContact ListContacts CreateContact; do
    for contender in $(contenders tenantryd tenantryd-unshared textbook textbook-tuned echo); do learn_reply_size "$contender" "$method"; done
  done
  learn_reply_size tenantryd AggregateOrders
  for contender in $(contenders tenantryd textbook textbook-tuned); do learn_reply_size "$contender" CreateOrder; done
  same_replies CreateOrder $(contenders tenantryd textbook)
  for method in ListContactsTotal GetOrder; do
    for contender in $(contenders tenantryd textbook textbook-tuned); do learn_reply_size "$contender" "$method"; done
    same_replies "$method" $(contenders tenantryd textbook)
  done
}

# What is compared must be the same work. A page token may have another length.
same_replies() {
  local method=$1 first=${2:-} second=${3:-} difference
  [ -n "$second" ] || return 0
  difference=$((${reply_bytes["$first/$method"]} - ${reply_bytes["$second/$method"]}))
  [ "${difference#-}" -le 100 ] || fail "$first and $second answer $method differently ($difference bytes)"
}

# Those of the named contenders that run.
contenders() {
  local name
  for name in "$@"; do
    if [ -n "${server_pid[$name]:-}" ]; then echo "$name"; fi
  done
}

# each_round ROW FUNCTION: interleaving is what makes the ratios hold on a machine with other work.
each_round() {
  local round
  for round in $(seq "$rounds"); do
    say "$1, round $round of $rounds"
    "$2" "$round"
  done
}

round_get() {
  local name
  for name in $(contenders tenantryd tenantryd-unshared textbook textbook-tuned echo); do
    measured get "$name" "$1" h2load_load "$name" GetContact 4 16 "$seconds"
  done
  measured get pgbench-sequential "$1" pgbench_load sequential 4 "$seconds"
  measured get pgbench-pipelined "$1" pgbench_load pipelined 4 "$seconds"
}

round_get_load() {
  local name
  for name in $(contenders tenantryd textbook); do
    measured get-load "$name" "$1" tenantry_load "$name" get=100 4 16 "$seconds"
  done
}

# beside_textbook ROW METHOD ROUND: the server and both textbook servers under the same load.
beside_textbook() {
  local name
  for name in $(contenders tenantryd textbook textbook-tuned); do
    measured "$1" "$name" "$3" h2load_load "$name" "$2" 4 16 "$seconds"
  done
}

round_list() { beside_textbook list ListContacts "$1"; }

# Orders by day and status: the server beside the SQL that it saves a program from writing.
round_revenue() {
  measured revenue tenantryd "$1" h2load_load tenantryd AggregateOrders 1 1 "$seconds"
  measured revenue pgbench "$1" pgbench_load revenue 1 "$seconds"
}

round_total() { beside_textbook total ListContactsTotal "$1"; }

round_tree() { beside_textbook tree GetOrder "$1"; }

round_create() { beside_textbook create CreateContact "$1"; }

# An order with three items: one call, by the textbook four statements one after the other.
round_nested() {
  local name
  for name in $(contenders tenantryd textbook textbook-tuned); do
    measured nested "$name" "$1" h2load_load "$name" CreateOrder 4 16 "$seconds"
  done
}

# A thousand contacts: one call, and a loop of single inserts in one transaction.
round_batch() {
  measured batch tenantryd "$1" h2load_load tenantryd BatchCreateContacts 1 1 "$seconds"
  measured batch pgbench "$1" pgbench_load inserts 1 "$seconds"
}

run_batch() {
  {
    sed -e '/^SELECT id/,$d' -e "s/, set_config('transaction_read_only', 'on', true)//" "$here/pgbench/sequential.sql"
    printf "INSERT INTO saas.contacts (tenant_id, name) VALUES (:tenant::uuid, 'A contact of the bench') RETURNING *;\n%.0s" {1..1000}
    echo 'COMMIT;'
  } >"$work/inserts.sql"
  each_round batch round_batch
}

round_mixed() {
  local name
  for name in $(contenders tenantryd textbook); do
    measured mixed "$name" "$1" tenantry_load "$name" get=90,create=10 4 16 "$seconds"
  done
}

# What a request_id costs a write.
round_once() {
  measured once plain "$1" tenantry_load tenantryd create=100 4 16 "$seconds"
  measured once request-id "$1" tenantry_load tenantryd create=100 4 16 "$seconds" --request-ids
}

round_alone() {
  local name
  for name in $(contenders tenantryd textbook echo); do
    measured alone "$name" "$1" h2load_load "$name" GetContact 1 1 "$seconds"
  done
  measured alone pgbench-pipelined "$1" pgbench_load pipelined 1 "$seconds"
}

# The most that a server holds while 1,000 streams are open.
round_memory() {
  local name now most
  for name in $(contenders tenantryd textbook echo); do
    h2load_load "$name" GetContact 10 100 "$seconds" &
    most=0
    while kill -0 $! 2>/dev/null; do
      now=$(resident_kb "${server_pid[$name]}")
      if [ "$now" -gt "$most" ]; then most=$now; fi
      sleep 0.1
    done
    wait $! || fail "the load of 1,000 streams failed"
    record memory "$name" "$1" resident_mb "$(awk "BEGIN {print $most / 1024}")"
  done
}

# Writes by connections x writes in flight on each.
readonly depths='4x1 4x2 8x2 12x1 12x2 16x1 24x1 32x1 32x2 48x1'
round_depth() {
  local shape
  for shape in $(contenders $depths textbook); do
    measured depth "$shape" "$1" h2load_load "$shape" CreateContact 4 16 "$seconds"
  done
}

run_depth() {
  local shape rounds=$(((rounds + 1) / 2))
  for shape in $depths; do tenantryd_start "$shape" "$(tenantryd_depth_flags "${shape%x*}" "${shape#*x}")"; done
  for shape in $depths; do learn_reply_size "$shape" CreateContact; done
  each_round depth round_depth
  for shape in $depths; do server_stop "$shape"; done
}

# The textbook server's settings, CONNECTIONS:QUEUES:POLLERS: not part of the default rows, it chose the tuned ones.
readonly textbook_shapes='8:1:2 8:2:8 12:2:8 16:1:2 16:1:16 16:2:8 16:4:4 24:2:12 32:2:16 64:2:32'
round_tune() {
  local shape
  for shape in $textbook_shapes; do
    measured tune-get "$shape" "$1" h2load_load "$shape" GetContact 4 16 "$seconds"
    measured tune-create "$shape" "$1" h2load_load "$shape" CreateContact 4 16 "$seconds"
  done
}

run_tune() {
  local shape c q p
  for shape in $textbook_shapes; do
    IFS=: read -r c q p <<<"$shape"
    textbook_start "$shape" "--connections $c --queues $q --pollers $p --prepared-context"
    learn_reply_size "$shape" GetContact
    learn_reply_size "$shape" CreateContact
  done
  each_round tune round_tune
  for shape in $textbook_shapes; do server_stop "$shape"; done
}

# All contacts of the first tenant, as many a second as one call gives; psql: the same rows by COPY.
round_export() {
  measured export tenantryd "$1" h2load_export tenantryd
  record export tenantryd "$1" resident_mb "$(awk "BEGIN {print $(resident_kb "${server_pid[tenantryd]}") / 1024}")"
  measured export psql "$1" psql_copy_out
}

run_export() {
  cluster_psql bench -v contacts="$export_rows" -f "$here/export.sql"
  each_round export round_export
}

# As many new contacts by one call, all or none; psql: the same rows by COPY. They go again after each.
round_import() {
  measured import tenantryd "$1" h2load_import tenantryd
  record import tenantryd "$1" resident_mb "$(awk "BEGIN {print $(resident_kb "${server_pid[tenantryd]}") / 1024}")"
  remove_imported
  measured import psql "$1" psql_copy_in
  remove_imported
}

run_import() {
  perl "$here/import_frames.pl" "$export_rows" >"$work/ImportContacts.frame"
  { printf 'COPY ('; cat "$here/import.sql"; printf ') TO STDOUT (FORMAT binary);\n'; } |
    cluster_psql bench -v contacts="$export_rows" >"$work/contacts.copy"
  each_round import round_import
}

run_rows() {
  local row
  for row in get alone list total tree create nested revenue; do
    if wants "$row"; then each_round "$row" "round_$row"; fi
  done
  if wants get-load; then each_round get-load round_get_load; fi
  if wants batch; then run_batch; fi
  if wants mixed; then each_round mixed round_mixed; fi
  if wants once; then each_round once round_once; fi
  if wants memory; then each_round memory round_memory; fi
  if wants export; then run_export; fi
  if wants import; then run_import; fi
  if wants depth; then run_depth; fi
  if wants tune; then run_tune; fi
}

report() {
  awk -f "$here/report.awk" -v judge="$judge" -v json="$json" -v seconds="$seconds" \
    -v machine="$(nproc) CPUs, Linux $(uname -r), $(cluster_psql bench -At -c 'SHOW server_version' | sed 's/^/PostgreSQL /')" \
    -v load="$(cut -d ' ' -f 1-3 /proc/loadavg)" "$records"
}

build_programs
fixture_begin
prepare_servers
run_rows
report
