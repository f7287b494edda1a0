#!/usr/bin/env bash
# Every .proto file of ours, the generated services included, follows buf's STANDARD rules (exceptions: buf.yaml).
set -euo pipefail
cd "$(dirname "$0")/../.."
[ -x node_modules/.bin/buf ] || { echo "buf is not installed: run tests/run.sh, or npm install" >&2; exit 1; }
exec node_modules/.bin/buf lint
