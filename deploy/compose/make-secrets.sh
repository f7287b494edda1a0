#!/bin/sh
# Makes the passwords of a compose project, once, and the connection strings that hold them. Each file can be read by one
# user, and each reader has a volume of its own:
#
#   /run/admin    of postgres (whose set-up reads it as root) and of migrate
#   /run/app      of tenantryd
#   /run/pooler   of pgbouncer
set -eu
umask 077
tenantry=65532
pgbouncer=65533

# 32 characters that need no quoting in a URL.
password() { od -An -N 16 -t x1 /dev/urandom | tr -d ' \n'; }

# give OWNER FILE TEXT
give() {
  rm -f "$2.new"
  printf '%s' "$3" >"$2.new"
  chown "$1:$1" "$2.new"
  mv "$2.new" "$2"
}

chmod 0711 /run/admin /run/app /run/pooler
if [ -e /run/pooler/users ]; then
  echo "passwords are there already"
  exit
fi
superuser=$(password)
owner=$(password)
app=$(password)
give "$tenantry" /run/admin/superuser-password "$superuser"
give "$tenantry" /run/admin/superuser-url "postgresql://postgres:$superuser@postgres/tenantry"
give "$tenantry" /run/admin/owner-password "$owner"
give "$tenantry" /run/admin/owner-url "postgresql://tenantry_owner:$owner@postgres/tenantry"
give "$tenantry" /run/app/password "$app"
give "$tenantry" /run/app/postgres-url "postgresql://tenantry_app:$app@postgres/tenantry"
give "$tenantry" /run/app/pgbouncer-url "postgresql://tenantry_app:$app@pgbouncer:6432/tenantry"
# Last: this file says that all others are there.
give "$pgbouncer" /run/pooler/users "\"tenantry_app\" \"$app\"
"
echo "passwords made"
