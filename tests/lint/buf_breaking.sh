#!/usr/bin/env bash
# What clients see (the API, and the files that every API shares) stays compatible with the last commit: that of HEAD for files that are changed and not committed, of
# HEAD's parent otherwise. A commit that breaks clients on purpose says so in its message, by a line that begins with
# "Breaks clients:"; it is shown and passed.
#
# Exit status 77, which ctest shows as skipped: there is no buf, no git history, or no API in the older commit.
set -euo pipefail
cd "$(dirname "$0")/../.."
readonly api=proto/saas/v1

skip() { echo "skipped: $*" >&2; exit 77; }

node_modules/.bin/buf --version >/dev/null 2>&1 || skip "buf is not installed (deploy/install-deps.sh installs it with npm)"
git rev-parse --verify --quiet HEAD >/dev/null || skip "no git history"

base=HEAD
if [ -z "$(git status --porcelain -- proto)" ]; then
  base=HEAD~1
  git rev-parse --verify --quiet "$base" >/dev/null || skip "HEAD has no parent here"
  if reason=$(git log -1 --format=%B | grep '^Breaks clients:'); then
    echo "$reason"
    exit 0
  fi
fi
git cat-file -e "$base:$api" 2>/dev/null || skip "$base has no $api"

before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
git archive "$base" proto | tar -x -C "$before"
cp buf.yaml "$before"
node_modules/.bin/buf breaking --against "$before"
echo "compatible with $(git log -1 --format='%h %s' "$base")"
