# shellcheck shell=bash
# Measuring, sourced by run.sh: CPU time from /proc, load from h2load, pgbench and tenantry-load. Every *_load function
# sets run_calls, run_seconds, run_p50_us and run_p99_us; `measured` puts a run's figures into the records.

# Fields of /proc/PID/stat after the command name, which may hold blanks: 1 state, 2 parent, 12 utime, 13 stime,
# 14 cutime, 15 cstime (proc(5) counts them from 3 on).
stat_fields() {
  local line
  read -r line 2>/dev/null <"/proc/$1/stat" || return 1
  echo "${line##*) }"
}

# User and system time of one process with all its threads, in clock ticks.
process_ticks() {
  local f fields
  fields=$(stat_fields "$1") || fail "process $1 has died"
  read -ra f <<<"$fields"
  echo $((f[11] + f[12]))
}

# All of PostgreSQL: the postmaster, the children it has waited for, and those that live.
cluster_ticks() {
  local f total stat
  read -ra f <<<"$(stat_fields "$cluster_pid")"
  total=$((f[11] + f[12] + f[13] + f[14]))
  for stat in /proc/[0-9]*/stat; do
    stat=${stat%/stat}
    read -ra f <<<"$(stat_fields "${stat#/proc/}")" || continue
    if [ "${f[1]:-0}" = "$cluster_pid" ]; then total=$((total + f[11] + f[12])); fi
  done
  echo "$total"
}

# Resident memory in kB.
resident_kb() { awk '/^VmRSS:/ {print $2}' "/proc/$1/status"; }

# Value at fraction $1 of the sorted numbers on stdin.
percentile_of_sorted() { awk -v at="$1" '{v[NR] = $1} END {i = int(NR * at); print (NR ? v[i < 1 ? 1 : i] : 0)}'; }

record() { printf '%s\t%s\t%s\t%s\t%s\n' "$@" >>"$records"; }  # row contender round metric value

# A gRPC message frame: a zero byte (not compressed), the length in 4 bytes, the message. Printf escapes in, file out.
write_frame() {
  local file=$1 message=$2 size
  size=$(printf "$message" | wc -c)
  { printf "\\x00\\x00\\x00\\x$(printf %02x $((size / 256)))\\x$(printf %02x $((size % 256)))"; printf "$message"; } >"$file"
}

# The path of what a measurement calls a method.
method_path() {
  case $1 in
    ListContactsTotal) echo saas.v1.ContactService/ListContacts ;;
    *Order | *Orders) echo "saas.v1.OrderService/$1" ;;
    *) echo "saas.v1.ContactService/$1" ;;
  esac
}

# h2load CONTENDER METHOD CONNECTIONS STREAMS, then either -D SECONDS or -n CALLS.
h2load_run() {
  local contender=$1 method=$2 connections=$3 streams=$4
  shift 4
  rm -f "$work/h2load.log"
  h2load -t 1 -c "$connections" -m "$streams" "$@" --log-file="$work/h2load.log" -d "$work/$method.frame" \
    -H 'te: trailers' -H 'content-type: application/grpc' -H "x-tenant-id: $tenant_id" -H 'x-user-id: bench' \
    "http://127.0.0.1:${port[$contender]}/$(method_path "$method")" >"$work/h2load.out" 2>&1 ||
    fail "h2load failed: $(tail -n 3 "$work/h2load.out")"
  run_calls=$(awk '$2 == 200' "$work/h2load.log" | wc -l)
  run_data_bytes=$(sed -n 's/^traffic: .*(space.*), [^ ]* (\([0-9]*\)) data$/\1/p' "$work/h2load.out")
}

# h2load counts HTTP statuses only. The reply of a call that failed in gRPC has no message, so the number of bytes shows
# failures: the replies of a method whose reply never varies must add up exactly.
learn_reply_size() {
  h2load_run "$1" "$2" 1 1 -n 1
  reply_bytes[$1/$2]=$run_data_bytes
  [ "$run_data_bytes" -gt 5 ] || fail "$1 answers $2 with an error (no message in the reply)"
}

check_replies() {
  local contender=$1 method=$2 rows_before=$3
  if [[ $method == *Create* ]] && [ "$contender" != echo ]; then
    [ $(($(rows_of "$method") - rows_before)) -ge "$run_calls" ] || fail "$contender: fewer rows than successful calls"
  elif [ "$run_data_bytes" -lt $((run_calls * ${reply_bytes["$contender/$method"]})) ]; then
    fail "$contender: some replies to $method are errors"
  fi
}

# Rows of the table that a Create fills. Its replies vary: a time has as many bytes as it needs.
rows_of() {
  local table=contacts
  if [ "$1" = CreateOrder ]; then table=orders; fi
  cluster_psql bench -At -c "SELECT count(*) FROM saas.$table"
}

# h2load_load CONTENDER METHOD CONNECTIONS STREAMS SECONDS
h2load_load() {
  local rows=0
  if [[ $2 == *Create* ]]; then rows=$(rows_of "$2"); fi
  h2load_run "$1" "$2" "$3" "$4" -D "$5"
  run_seconds=$5
  run_p50_us=$(cut -f 3 "$work/h2load.log" | sort -n | tee "$work/latencies" | percentile_of_sorted 0.50)
  run_p99_us=$(percentile_of_sorted 0.99 <"$work/latencies")
  check_replies "$1" "$2" "$rows"
}

# pgbench_load SCRIPT CLIENTS SECONDS. It prepares statements outside the transaction, so the session has the role already.
pgbench_load() {
  local script=$here/pgbench/$1.sql
  [ -f "$script" ] || script=$work/$1.sql
  rm -f "$work"/pgbench_log.*
  "$(cluster_bin)/pgbench" -n -M prepared -c "$2" -j "$(($2 < 2 ? 1 : 2))" -T "$3" -f "$script" \
    -D tenant="$tenant_id" -D id="$contact_id" -l --log-prefix="$work/pgbench_log" \
    "$(cluster_url tenantry_app bench) options='-c role=authenticated'" >"$work/pgbench.out" 2>&1 ||
    fail "pgbench failed: $(tail -n 3 "$work/pgbench.out")"
  run_calls=$(sed -n 's/^number of transactions actually processed: \([0-9]*\).*/\1/p' "$work/pgbench.out")
  run_seconds=$(awk -v n="$run_calls" '/^tps = / {print n / $3}' "$work/pgbench.out")
  cat "$work"/pgbench_log.* | cut -d ' ' -f 3 | sort -n >"$work/latencies"
  run_p50_us=$(percentile_of_sorted 0.50 <"$work/latencies")
  run_p99_us=$(percentile_of_sorted 0.99 <"$work/latencies")
}

# tenantry_load NAME MIX CONNECTIONS STREAMS SECONDS [FLAGS...]: our own load tester, which reads every reply and its status.
tenantry_load() {
  "$build_dir/bin/tenantry-load" --target "127.0.0.1:${port[$1]}" --tenant "$tenant_id" --user bench \
    --connections "$3" --streams "$4" --duration "$5s" --warmup 0s --mix "$2" --rows 100 --quiet \
    "${@:6}" --json "$work/load.json" >"$work/load.out" 2>&1 || fail "tenantry-load failed: $(tail -n 3 "$work/load.out")"
  read -r run_calls run_seconds run_p50_us run_p99_us <<<"$(jq -r \
    '[.calls, .seconds, .all.latency_us.p50, .all.latency_us.p99] | join(" ")' "$work/load.json")"
}

# h2load_export CONTENDER: one call that streams all contacts of the tenant. Its rows count as calls.
h2load_export() {
  h2load_run "$1" ExportContacts 1 1 -n 1
  run_calls=$(cluster_psql bench -At -c "SELECT count(*) FROM ($exported) AS rows")
  # A row has more bytes than its key.
  [ "$run_data_bytes" -gt $((run_calls * 40)) ] || fail "$1: the export is not whole ($run_data_bytes bytes)"
  run_seconds=$(awk '{print $3 / 1e6}' "$work/h2load.log")
  run_p50_us=$(awk '{print $3}' "$work/h2load.log")
  run_p99_us=$run_p50_us
}

psql_copy_out() {
  local begin end
  begin=$(date +%s%N)
  cluster_psql bench -c "COPY ($exported) TO STDOUT (FORMAT binary)" >/dev/null
  end=$(date +%s%N)
  run_calls=$(cluster_psql bench -At -c "SELECT count(*) FROM ($exported) AS rows")
  run_seconds=$(awk "BEGIN {print ($end - $begin) / 1e9}")
  run_p50_us=$(((end - begin) / 1000))
  run_p99_us=$run_p50_us
}

readonly imported="id >= '01980000-0001-7000-8000-000000000000' AND id < '01980000-0002-7000-8000-000000000000'"

# h2load_import CONTENDER: one call that brings all rows. They count as calls.
h2load_import() {
  h2load_run "$1" ImportContacts 1 1 -n 1
  run_calls=$(cluster_psql bench -At -c "SELECT count(*) FROM saas.contacts WHERE $imported")
  [ "$run_calls" -eq "$export_rows" ] || fail "$1: the import made $run_calls rows of $export_rows"
  run_seconds=$(awk '{print $3 / 1e6}' "$work/h2load.log")
  run_p50_us=$(awk '{print $3}' "$work/h2load.log")
  run_p99_us=$run_p50_us
}

psql_copy_in() {
  local begin end
  begin=$(date +%s%N)
  cluster_psql bench -c "COPY saas.contacts (tenant_id, id, name, email, phone, type, is_active, notes)
    FROM STDIN (FORMAT binary)" <"$work/contacts.copy"
  end=$(date +%s%N)
  run_calls=$export_rows
  run_seconds=$(awk "BEGIN {print ($end - $begin) / 1e9}")
  run_p50_us=$(((end - begin) / 1000))
  run_p99_us=$run_p50_us
}

remove_imported() { cluster_psql bench -c "DELETE FROM saas.contacts WHERE $imported" -c 'VACUUM saas.contacts' -c CHECKPOINT; }

# measured ROW CONTENDER ROUND LOAD ARGUMENTS...: runs the load and records its figures and the CPU it cost.
measured() {
  local row=$1 contender=$2 round=$3 pid=${server_pid[$2]:-} server=0 database
  shift 3
  database=$(cluster_ticks)
  if [ -n "$pid" ]; then server=$(process_ticks "$pid"); fi
  "$@"
  database=$(($(cluster_ticks) - database))
  record "$row" "$contender" "$round" calls_per_s "$(awk "BEGIN {print $run_calls / $run_seconds}")"
  record "$row" "$contender" "$round" p50_us "$run_p50_us"
  record "$row" "$contender" "$round" p99_us "$run_p99_us"
  if [ -n "$pid" ]; then
    server=$(($(process_ticks "$pid") - server)) || fail "$contender has died, see $work/$contender.log"
    record "$row" "$contender" "$round" server_cpu_s_per_1000 \
      "$(awk "BEGIN {print $server / $ticks_per_s / $run_calls * 1000}")"
  fi
  record "$row" "$contender" "$round" postgres_cpu_s_per_1000 \
    "$(awk "BEGIN {print $database / $ticks_per_s / $run_calls * 1000}")"
}
