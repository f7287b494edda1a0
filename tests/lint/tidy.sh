#!/usr/bin/env bash
# What must not grow: a source file stays within 500 lines, and libpq and libpqxx stay within server/pg.
set -euo pipefail
cd "$(dirname "$0")/../.."
failed=0
complain() { echo "$*" >&2; failed=1; }

while IFS= read -r file; do
  [ -f "$file" ] || continue
  lines=$(wc -l <"$file")
  [ "$lines" -le 500 ] || complain "$file: $lines lines; split it (at most 500)"
done < <(git ls-files --cached --others --exclude-standard -- '*.cc' '*.h' '*.sh')

while IFS= read -r file; do
  complain "$file: only server/pg may include libpq or libpqxx"
done < <(grep -lE '#include *[<"](libpq-fe\.h|pqxx/)' -r server --include='*.cc' --include='*.h' | grep -v '^server/pg/')

exit "$failed"
