#!/usr/bin/env bash
# Every .proto file of ours, the generated services included, follows buf's STANDARD rules (exceptions: buf.yaml).
# Where buf is missing or does not start, the exit status is 77, which ctest shows as skipped.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! node_modules/.bin/buf --version >/dev/null 2>&1; then
  echo "skipped: buf is not installed (deploy/install-deps.sh installs it with npm)" >&2
  exit 77
fi
exec node_modules/.bin/buf lint
