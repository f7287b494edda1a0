# shellcheck shell=bash
# A private PostgreSQL for one benchmark run. Sourced by run.sh and profile.sh.
#
# cluster_start DIR starts one that listens on a unix socket in DIR only. It sets cluster_pid (the postmaster) and
# cluster_socket. Durability is as in production: fsync and synchronous_commit stay on.

cluster_bin() {
  local found
  found=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -t / -k 5 -n | tail -n 1)
  [ -n "$found" ] || fail "PostgreSQL's server programs are missing; deploy/install-deps.sh installs them"
  echo "$found"
}

# PostgreSQL refuses to run as root.
cluster_as_owner() {
  if [ "$(id -u)" -ne 0 ]; then
    "$@"
  else
    runuser -u postgres -- "$@"
  fi
}

cluster_start() {
  cluster_dir=$1
  cluster_socket=$cluster_dir/socket
  cluster_pid=
  local bin
  bin=$(cluster_bin)
  mkdir -p "$cluster_dir/socket"
  chmod 755 "$cluster_dir"
  if [ "$(id -u)" -eq 0 ]; then chown -R postgres "$cluster_dir"; fi
  (cd "$cluster_dir" && cluster_as_owner "$bin/initdb" -D "$cluster_dir/data" -U postgres -A trust -E UTF8 \
    --locale=C.UTF-8) >"$cluster_dir.initdb.log" 2>&1 || fail "initdb failed, see $cluster_dir.initdb.log"
  cat >>"$cluster_dir/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$cluster_socket'
fsync = on
synchronous_commit = on
max_connections = 300
shared_buffers = 256MB
# No checkpoint and no vacuum in the middle of somebody's round.
autovacuum = off
max_wal_size = 8GB
checkpoint_timeout = 1h
CONF
  (cd "$cluster_dir" && cluster_as_owner "$bin/pg_ctl" -D "$cluster_dir/data" -l "$cluster_dir/log" -w start) \
    >/dev/null || fail "PostgreSQL did not start: $(tail -n 3 "$cluster_dir/log")"
  cluster_pid=$(head -n 1 "$cluster_dir/data/postmaster.pid")
}

cluster_stop() {
  [ -n "${cluster_pid:-}" ] || return 0
  (cd "$cluster_dir" && cluster_as_owner "$(cluster_bin)/pg_ctl" -D "$cluster_dir/data" -m immediate -w stop) \
    >/dev/null 2>&1 || true
  cluster_pid=
}

# Connection string for `user` and `database`.
cluster_url() { echo "host=$cluster_socket port=5432 user=$1 dbname=$2"; }

cluster_psql() {
  local database=$1
  shift
  "$(cluster_bin)/psql" -X -q -v ON_ERROR_STOP=1 -d "$(cluster_url postgres "$database")" "$@"
}
