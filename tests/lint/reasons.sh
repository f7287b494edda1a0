#!/usr/bin/env bash
# server/base/status.h lists the reasons that a caller can get: all that the code gives, and no others.
set -euo pipefail
cd "$(dirname "$0")/../.."

# A reason is a text in capitals. In these folders, other such texts are names of codes and settings.
given() {
  grep -rhoE '"[A-Z]+(_[A-Z]+)+"|"(DEADLOCK|INTERNAL)"' --include='*.cc' --include='*.h' --exclude=error_reply.cc \
    server/{base,call,codec,grpc,identity,methods,pg,plan} | tr -d '"' | grep -v '^TENANTRY_'
}
listed() {
  sed -n 's|^//     \([A-Z_]\{4,\}\(, [A-Z_]*\)*\)\( .*\)\{0,1\}$|\1|p' server/base/status.h | sed 's/, /\n/g'
}
diff <(listed | sort -u) <(given | sort -u) >&2 ||
  { echo "server/base/status.h: < is listed and never given, > is given and not listed" >&2; exit 1; }
echo "$(given | sort -u | wc -l) reasons"
