#!/usr/bin/env bash
# What must not grow: a source file stays within 500 lines, nine functions of ten within 40, libpq and libpqxx stay
# within server/pg, gRPC within the modules that may speak it, and a file includes what it uses of abseil.
set -euo pipefail
cd "$(dirname "$0")/../.."
failed=0
complain() { echo "$*" >&2; failed=1; }

# sources PATTERN...: those that are there; git lists deleted ones as well.
sources() {
  local file
  tests/lint/list_sources.sh . "$@" | while IFS= read -r -d '' file; do
    [ ! -f "$file" ] || echo "$file"
  done
}

all=$(sources '*.cc' '*.h' '*.sh')
while IFS= read -r file; do
  lines=$(wc -l <"$file")
  [ "$lines" -le 500 ] || complain "$file: $lines lines; split it (at most 500)"
done <<<"$all"

while IFS= read -r file; do
  complain "$file: only server/pg may include libpq or libpqxx"
done < <(grep -lE '#include *[<"](libpq-fe\.h|pqxx/)' -r server --include='*.cc' --include='*.h' | grep -v '^server/pg/')

# A precompiled header hides what a file forgets to include, and a machine whose compiler builds without it then fails.
while read -r names header; do
  while IFS= read -r file; do
    own=${file%.cc}.h
    [ "$file" != "$own" ] && [ -f "$own" ] || own=
    grep -qF "\"$header\"" "$file" $own || complain "$file: uses absl::{${names//|/,}} and does not include $header"
  done < <(sources '*.cc' '*.h' | xargs -d '\n' grep -lE "absl::($names)\(" --)
done <<'EOF'
StrCat|StrAppend absl/strings/str_cat.h
StrJoin absl/strings/str_join.h
StrSplit absl/strings/str_split.h
StrFormat|StrAppendFormat absl/strings/str_format.h
StrContains|StartsWith|EndsWith|EqualsIgnoreCase absl/strings/match.h
StripPrefix|StripSuffix|ConsumePrefix|ConsumeSuffix absl/strings/strip.h
StrReplaceAll absl/strings/str_replace.h
SimpleAtoi|SimpleAtod absl/strings/numbers.h
Now|GetCurrentTimeNanos|SleepFor absl/time/clock.h
c_linear_search|c_find|c_find_if|c_any_of|c_all_of|c_none_of|c_sort absl/algorithm/container.h
EOF

# Of the modules that are libraries, only those that server/CMakeLists.txt names speak gRPC. The folders below proto/grpc
# hold messages, which anybody may use.
speakers=$(sed -nE 's/^set\(TENANTRY_SPEAK_GRPC (.*)\)$/\1/p' server/CMakeLists.txt)
[ -n "$speakers" ] || complain "server/CMakeLists.txt does not say which modules speak gRPC"
while IFS= read -r file; do
  complain "$file: only server/{${speakers// /,}} and the commands may include gRPC"
done < <(grep -lE '#include *[<"](grpcpp/|grpc/[a-z_]*\.h|grpc/(support|impl|byte_buffer)[/_.])' -r server --include='*.cc' --include='*.h' |
  grep -vE "^server/(commands|${speakers// /|})/")

# clang-format puts the first line of a function and its closing brace in column 0 (functions inside classes are short
# anyway and not counted).
readonly lengths='
  /^[A-Za-z\[]/ { start = FNR; counts = !/^(namespace|class|struct|enum|union|extern|using|inline namespace)/ }
  /^}$/ { if (counts && start) print FNR - start + 1, FILENAME ":" start; start = 0 }
  FNR == 1 { if (!/^[A-Za-z\[]/) start = 0 }
'
all=$(sources 'server/*.cc' 'client/*.cc' | xargs -d '\n' awk "$lengths" | sort -n)
total=$(wc -l <<<"$all")
p90=$(sed -n "$(((total * 9 + 9) / 10))p" <<<"$all")
echo "$total functions; the 90th percentile is ${p90%% *} lines; the longest:"
tail -n 5 <<<"$all"
[ "${p90%% *}" -le 40 ] || complain "functions grow: nine of ten should have at most 40 lines"

exit "$failed"
