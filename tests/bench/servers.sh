# shellcheck shell=bash
# The servers under test, sourced by run.sh and profile.sh. Each <name>_start sets server_pid[name] and port[name]; all
# listen on loopback, on ports of the kernel's choosing. A server runs under the words of server_wrapper, if any.

# Waits until FILE shows an address of server NAME.
server_await() {
  local name=$1 file=$2 try
  for try in $(seq 600); do
    port[$name]=$(sed -n 's/.*127\.0\.0\.1:\([0-9][0-9]*\).*/\1/p' "$file" 2>/dev/null | head -n 1 || true)
    if [ -n "${port[$name]}" ]; then return 0; fi
    kill -0 "${server_pid[$name]}" 2>/dev/null || break
    sleep 0.05
  done
  fail "$name did not start: $(tail -n 3 "$work/$name.log")"
}

echo_start() {
  ${server_wrapper:-} "$build_dir/bin/bench_echo" >"$work/echo.out" 2>"$work/echo.log" &
  server_pid[echo]=$!
  server_await echo "$work/echo.out"
}

# textbook_start [NAME [FLAGS]]
textbook_start() {
  local name=${1:-textbook}
  # shellcheck disable=SC2086
  ${server_wrapper:-} "$build_dir/bin/bench_textbook" --database-url "$(cluster_url tenantry_app bench) options='-c TimeZone=UTC'" ${2:-} \
    >"$work/$name.out" 2>"$work/$name.log" &
  server_pid[$name]=$!
  server_await "$name" "$work/$name.out"
}

database_migrate() {
  (cd "$root" && "$build_dir/bin/tenantryd" migrate --bootstrap \
    --bootstrap-database-url "$(cluster_url postgres bench)" --owner-database-url "$(cluster_url tenantry_owner bench)") \
    >"$work/migrate.log" 2>&1 || fail "the migration failed: $(tail -n 3 "$work/migrate.log")"
}

# tenantryd_start NAME [FLAGS]
tenantryd_start() {
  local name=$1
  rm -f "$work/$name.ready"
  # shellcheck disable=SC2086
  (cd "$root" && exec ${server_wrapper:-} "$build_dir/bin/tenantryd" serve --schema proto --listen 127.0.0.1:0 --metrics-listen '' \
    --database-url "$(cluster_url tenantry_app bench)" --log-level warn --ready-file "$work/$name.ready" \
    $tenantryd_flags ${2:-}) >"$work/$name.log" 2>&1 &
  server_pid[$name]=$!
  server_await "$name" "$work/$name.ready"
}

# The most that a server of the textbook's design gives.
readonly textbook_tuned_flags='--queues 1 --pollers 16 --prepared-context'

# h2load calls as one user, whose Gets share transactions; with this they go as those of 64 users would.
readonly tenantryd_unshared_flags='--reads-per-transaction-max 1'

# Flags for CONNECTIONS connections for writes with DEPTH writes in flight on each.
tenantryd_depth_flags() { echo "--write-connections-per-lane $1 --write-depth-max $2"; }

server_stop() {
  kill "${server_pid[$1]}" 2>/dev/null || true
  wait "${server_pid[$1]}" 2>/dev/null || true
  unset "server_pid[$1]"
}

servers_stop() {
  local name
  for name in "${!server_pid[@]}"; do server_stop "$name"; done
}
