#!/usr/bin/env bash
# Deploys for real and looks: the Kubernetes manifests against their schemas, then images, docker compose, calls from
# outside, a restart of PostgreSQL under load, Prometheus with the rules and what Grafana's dashboard asks it, an upgrade
# with a migration, a pooler under load, a stop under load.
#
# Needs a Docker engine with compose; without one it says so and skips that part. Where no registry can be reached it
# makes the images it lacks of Debian's packages, and their base by debootstrap, which needs root. Grafana is not in
# Debian and is never started: its dashboard is checked against Prometheus.
#
#   BASE_IMAGE      a Debian 13 image to build from, instead of debian:trixie-slim or one made here
#   POSTGRES_IMAGE, PROMETHEUS_IMAGE
#                   instead of the images of docker-compose.yml or ones made here
#   BUILD_PRESET    CMake preset of the programs in the image [release]
#   KEEP=1          leaves the project up
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
readonly here=$PWD
readonly work=$here/build/deploy-test
readonly project=tenantry-test-$$
mkdir -p "$work"

say() { printf '==> %s\n' "$*"; }
fail() { printf 'tests/deploy: FAILED: %s\n' "$*" >&2; exit 1; }

# --- the manifests, which need no engine

npm_install() {
  local folder=$1
  mkdir -p "$work/$folder"
  cp "tests/deploy/$folder"/*.js* "$work/$folder/"
  (cd "$work/$folder" && npm install --no-audit --no-fund --no-package-lock --loglevel=error </dev/null)
}

say "Kubernetes manifests"
npm_install kubernetes
node "$work/kubernetes/check.js" deploy/kubernetes/*.yaml

# --- the engine

# A client of version 23 or later builds with a plugin, which may be missing; there may be another client.
find_docker() {
  local client
  while read -r client; do
    "$client" info >/dev/null 2>&1 || continue
    if "$client" buildx version >/dev/null 2>&1 || [ "$("$client" version -f '{{.Client.Version}}' | cut -d. -f1)" -lt 23 ]; then
      echo "$client"
      return
    fi
  done < <(type -ap docker)
}
docker_client=$(find_docker)
if [ -z "$docker_client" ]; then
  echo "tests/deploy: skipped: no Docker engine answers here, or its client cannot build"
  exit 0
fi
docker() { "$docker_client" "$@"; }
readonly compose_options=(-p "$project" -f docker-compose.yml -f tests/deploy/few-connections.yml)
export PGBOUNCER_SETTINGS=$work/own/pgbouncer.ini
if docker compose version >/dev/null 2>&1; then
  compose() { docker compose "${compose_options[@]}" "$@"; }
elif command -v docker-compose >/dev/null; then
  compose() { docker-compose "${compose_options[@]}" "$@"; }
else
  echo "tests/deploy: skipped: neither 'docker compose' nor docker-compose is here"
  exit 0
fi

# --- images

base_image() {
  local made=tenantry-test/debian:trixie
  if [ -n "${BASE_IMAGE:-}" ]; then
    echo "$BASE_IMAGE"
  elif docker image inspect debian:trixie-slim >/dev/null 2>&1 || docker pull -q debian:trixie-slim >/dev/null 2>&1; then
    echo debian:trixie-slim
  elif docker image inspect "$made" >/dev/null 2>&1; then
    echo "$made"
  else
    command -v debootstrap >/dev/null || fail "no registry and no debootstrap to make a base image with"
    say "no registry: making the base image by debootstrap" >&2
    rm -rf "$work/base"
    debootstrap --variant=minbase trixie "$work/base" "$(deploy/debian-mirror.sh)" >"$work/debootstrap.log" ||
      { tail -n 20 "$work/debootstrap.log" >&2; fail "debootstrap"; }
    rm -rf "$work"/base/var/cache/apt/archives/*.deb "$work"/base/var/lib/apt/lists/*
    tar -C "$work/base" -c . | docker import - "$made" >/dev/null
    rm -rf "$work/base"
    echo "$made"
  fi
}

# The host's network: its way to the package archive is the one that is known to work.
image() {
  local name=$1
  shift
  local began=$SECONDS
  DOCKER_BUILDKIT=1 "$docker_client" build --network host --progress plain --build-arg BASE_IMAGE="$BASE_IMAGE" -t "$name" "$@" \
    >"$work/build.log" 2>&1 || { tail -n 60 "$work/build.log"; fail "building $name"; }
  say "$name: $(size_of "$name") MB, built in $((SECONDS - began)) s"
}
# Sets a variable to the image of a service: the one that docker-compose.yml names where a registry has it, else one that
# is built from Debian's package.
ours_unless_pulled() {
  local service=$1 variable=$2
  if [ -z "${!variable:-}" ] && ! COMPOSE_PROFILES=observability compose pull "$service" >"$work/pull.log" 2>&1; then
    export "$variable=tenantry-test/$service"
    image "${!variable}" "tests/deploy/$service"
  fi
}
size_of() { echo $(($(docker image inspect -f '{{.Size}}' "$1") / 1000000)); }

BASE_IMAGE=$(base_image)
export BASE_IMAGE
say "base: $BASE_IMAGE, $(size_of "$BASE_IMAGE") MB"
export TENANTRY_IMAGE=tenantry-test/tenantry PGBOUNCER_IMAGE=tenantry-test/pgbouncer
image "$TENANTRY_IMAGE" -f deploy/Dockerfile --build-arg PRESET="${BUILD_PRESET:-release}" .
image "$PGBOUNCER_IMAGE" deploy/pgbouncer
ours_unless_pulled postgres POSTGRES_IMAGE
ours_unless_pulled prometheus PROMETHEUS_IMAGE
over_base=$(($(size_of "$TENANTRY_IMAGE") - $(size_of "$BASE_IMAGE")))
[ "$over_base" -lt 120 ] || fail "the image is $over_base MB over its base, more than 120"

# --- up

free_port() {
  node -e 's = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}
port=$(free_port)
prometheus=127.0.0.1:$(free_port)
readonly port address=127.0.0.1:$port prometheus
export PROMETHEUS_PORT=${prometheus#*:}
export TENANTRY_PORT=$address TENANTRY_PROTO=$work/own/proto TENANTRY_SQL=$work/own/sql
# Of PgBouncer: fewer than there are calls at once, so that each connection goes from tenant to tenant.
readonly pool_size=3
readonly acme=01920000-0000-7000-8000-00000000ac3e

take_down() {
  local status=$?
  export COMPOSE_PROFILES=observability,pooler
  if [ "$status" -ne 0 ]; then compose logs --no-color --tail 40 || true; fi
  if [ -n "${KEEP:-}" ]; then
    say "left up: project $project, tenantryd on $address, Prometheus on $prometheus"
  else
    compose down --volumes --timeout 40 >"$work/down.log" 2>&1 || true
  fi
  exit "$status"
}
trap take_down EXIT

container() { COMPOSE_PROFILES=observability,pooler compose ps -q "$1"; }
up() { compose up --detach --no-build "$@" >"$work/up.log" 2>&1 || { cat "$work/up.log"; fail "compose up"; }; }
await_healthy() {
  local tries
  for ((tries = 0; tries < 240; ++tries)); do
    [ "$(docker inspect -f '{{.State.Health.Status}}' "$(container "$1")" 2>/dev/null)" != healthy ] || return 0
    sleep 0.5
  done
  fail "$1 does not become healthy"
}
# The CLI of the image, from outside, through the published port.
cli() { docker run --rm -i --network host --entrypoint tenantry "$TENANTRY_IMAGE" --server "$address" "$@"; }
psql() { compose exec -T postgres psql -X -q -v ON_ERROR_STOP=1 -U postgres tenantry "$@"; }

rm -rf "$work/own"
mkdir -p "$work/own"
cp -r proto sql "$work/own/"
sed "s/^default_pool_size = .*/default_pool_size = $pool_size/" deploy/pgbouncer/pgbouncer.ini >"$PGBOUNCER_SETTINGS"
chmod -R a+rX "$work/own"
say "compose up"
up
await_healthy tenantryd
COMPOSE_PROFILES=observability up prometheus

# --- what it may do

server=$(container tenantryd)
docker inspect -f '{{.Config.Env}} {{.Args}}' "$server" | grep -q 'postgresql://' && fail "a connection string is in the environment"
[ "$(docker exec "$server" id -u)" = 65532 ] || fail "tenantryd does not run as its own user"
docker exec "$server" sh -c ': >/tmp/x' 2>/dev/null && fail "the root file system can be written"
docker exec "$server" sh -c 'cat /proc/1/status' | grep -q 'CapBnd:.*[1-9a-f]' && fail "it has capabilities"
docker exec "$server" ls /run/admin >/dev/null 2>&1 && fail "it can see the owner's secrets"
docker exec "$server" sh -c 'command -v g++ || command -v cc' >/dev/null && fail "there is a compiler"
say "unprivileged: user, file system, capabilities, secrets"

# --- calls

psql <sql/demo/demo.sql >/dev/null
cli contact list --tenant "$acme" --page-size 3 | sed 's/^/    /'
npm_install node
node "$work/node/client.js" "$address" proto calls

say "PostgreSQL restarts under load"
begin_load() {
  mkfifo "$work/stop.$$"
  node "$work/node/client.js" "$address" proto load <"$work/stop.$$" >"$work/load.json" &
  load=$!
  exec 9>"$work/stop.$$"
  rm "$work/stop.$$"
}
end_load() {
  exec 9>&-
  wait "$load"
  sed 's/^/    /' "$work/load.json"
}
# Of the load that has ended.
check_replies() {
  [ "$(loaded 'r.written > 0')" = true ] || fail "nothing was written"
  [ "$(loaded 'r.lost')" = 0 ] || fail "acknowledged writes are gone"
  [ "$(loaded 'r.mixed')" = 0 ] || fail "a tenant saw rows of another"
}
# check_failures CODES: none but these, in quotes and with commas between.
check_failures() {
  [ "$(loaded "Object.keys(r.failures).filter((code) => ![$1].includes(code)).length")" = 0 ] ||
    fail "failures other than [$1]"
}
loaded() { node -p "r = JSON.parse(require('fs').readFileSync('$work/load.json')); $1"; }
begin_load
sleep 3
compose restart --timeout 20 postgres >"$work/restart.log" 2>&1
sleep 6
end_load
check_replies
check_failures '"UNAVAILABLE"'
node "$work/node/client.js" "$address" proto calls

# --- what is observed

say "Prometheus, with the rules and the dashboard's expressions (Grafana itself is not started)"
node tests/deploy/prometheus/check.mjs "http://$prometheus" deploy/grafana/dashboards/tenantry.json \
  deploy/grafana/provisioning/datasources/prometheus.yml | sed 's/^/    /'
docker run --rm -v "$here/deploy/prometheus:/etc/prometheus:ro" -v "$here/tests/deploy/prometheus:/tests:ro" \
  --entrypoint promtool "$(docker inspect -f '{{.Image}}' "$(container prometheus)")" test rules /tests/alerts_test.yml |
  sed 's/^/    /'

# --- an upgrade: a table of one's own and its migration

say "upgrade with a new migration"
mkdir -p "$work/own/proto/shop"
cat >"$work/own/proto/shop/shop.proto" <<'PROTO'
syntax = "proto3";

package shop;

import "tenantry/v1/options.proto";

option (tenantry.v1.database) = {schema: "shop" api_package: "saas.v1"};

message Book {
  option (tenantry.v1.table) = {name: "books"};

  string id = 1 [(tenantry.v1.column) = {type: COLUMN_TYPE_UUID managed: MANAGED_ID}];
  string title = 2 [(tenantry.v1.column).max_length = 200];
}
PROTO
docker run --rm --user "$(id -u):$(id -g)" -v "$work/own/proto:/tenantry/proto" -v "$work/own/sql:/tenantry/sql" \
  "$TENANTRY_IMAGE" generate --label shop | sed 's/^/    /'
chmod -R a+rX "$work/own"
COMPOSE_PROFILES=pooler up
compose run --rm -T migrate >"$work/migrate.log" 2>&1 || { cat "$work/migrate.log"; fail "migrate"; }
grep -q 'applied.*_shop' "$work/migrate.log" || psql -At -c 'SELECT name FROM tenantry.migrations' | grep -q _shop ||
  { cat "$work/migrate.log"; fail "the migration was not applied"; }
compose restart --timeout 40 tenantryd >"$work/restart.log" 2>&1
await_healthy tenantryd
cli book create --tenant "$acme" --title 'Notes by the Translator' | sed 's/^/    /'

# --- through a pooler

say "through PgBouncer in transaction mode"
await_healthy pgbouncer
docker exec "$(container pgbouncer)" pgbouncer --version | head -n 1 | sed 's/^/    /'
TENANTRY_DATABASE=pgbouncer COMPOSE_PROFILES=pooler up
await_healthy tenantryd
docker logs "$(container tenantryd)" 2>&1 | grep 'a pooler stands before' | tail -n 1 | sed 's/^/    /' |
  grep '"prepared_statements":"kept"' || fail "the pooler is not noticed, or not that it keeps prepared statements"
node "$work/node/client.js" "$address" proto calls
cli book list --tenant "$acme" | sed 's/^/    /'
begin_load
sleep 10
# Of /proc/net/tcp (proc(5)): its port in hexadecimal; 01 is an established connection.
clients=$(docker exec "$(container pgbouncer)" cat /proc/net/tcp | grep -cE '^ *[0-9]+: [0-9A-F]+:1920 [0-9A-F:]+ 01 ')
servers=$(psql -At -c "SELECT count(*) FROM pg_stat_activity WHERE usename = 'tenantry_app'")
end_load
echo "    $clients connections to PgBouncer, $servers from it to PostgreSQL"
check_replies
check_failures ''
[ "$servers" -le "$pool_size" ] && [ "$clients" -gt "$servers" ] || fail "connections are not shared"

# --- and down

say "stop under load"
begin_load
sleep 2
server=$(container tenantryd)
docker stop -t 40 "$server" >/dev/null
[ "$(docker inspect -f '{{.State.ExitCode}}' "$server")" = 0 ] || fail "tenantryd did not end well"
docker start "$server" >/dev/null
await_healthy tenantryd
sleep 2
end_load
check_replies
# CANCELLED: gRPC's refusal of calls that come while it tells the client that the connection ends.
check_failures '"UNAVAILABLE", "CANCELLED"'
say "tests/deploy: all passed, without Grafana"
