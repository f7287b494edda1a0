# shellcheck shell=bash
# What a measurement runs on, sourced by run.sh and profile.sh: a scratch folder, a private PostgreSQL with data, and the
# bytes of each request. All of it is removed at the end. Needs the variables build_dir, tenants, contacts and
# orders.

# The request of every call. One fixed row: what differs between the contenders is not the row.
readonly tenant_id=01920000-0000-7000-8000-000000000001
readonly contact_id=01930000-0001-7000-8000-000000000007
readonly order_id=01940000-0001-7000-8000-000000000007
# What an export of contacts tells, in SQL.
readonly exported="SELECT id, name, email, phone, type, is_active, metadata, notes, created_at, updated_at, deleted_at
  FROM saas.contacts WHERE tenant_id = '$tenant_id' AND deleted_at IS NULL"
ticks_per_s=$(getconf CLK_TCK)
declare -A port server_pid reply_bytes

fixture_begin() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/tenantry-bench.XXXXXX")
  chmod 755 "$work"
  records=$work/records.tsv
  : >"$records"
  trap fixture_end EXIT
  trap 'exit 130' INT TERM
  fixture_database
  fixture_frames
}

fixture_end() {
  local status=$?
  servers_stop
  cluster_stop
  if [ "$status" -eq 0 ]; then rm -rf "$work"; else say "what was left behind is in $work"; fi
}

fixture_database() {
  say "starting a private PostgreSQL with $tenants tenants x $contacts contacts"
  cluster_start "$work/cluster"
  cluster_psql postgres -c 'CREATE DATABASE bench'
  database_migrate
  cluster_psql bench -v tenants="$tenants" -v contacts="$contacts" -v orders="$orders" -f "$here/data.sql"
}

fixture_frames() {
  write_frame "$work/GetContact.frame" "\\x0a\\x24$contact_id"  # id = 1
  write_frame "$work/ExportContacts.frame" ''
  write_frame "$work/ListContacts.frame" '\x08\x32'             # page_size = 50
  # group_by = 1: created_at by day, and status; measures = 2: the sum of total_cents, and a count; limit = 7: 1000
  write_frame "$work/AggregateOrders.frame" "$(printf %s '\x0a\x0c\xe8\xff\xff\xff\x0f\x08\xf0\xff\xff\xff\x0f\x03' \
    '\x0a\x06\xe8\xff\xff\xff\x0f\x03' '\x12\x04\x10\x03\x18\x04' '\x12\x02\x10\x01' '\x38\xe8\x07')"
  write_frame "$work/ListContactsTotal.frame" '\x08\x32\x38\x02'  # and total = TOTAL_EXACT
  # id = 1; select = 100 {status, total_cents, created_at; contact {name, email}; items {quantity, price_cents;
  # product {slug, name, price_cents}}}
  write_frame "$work/GetOrder.frame" "\\x0a\\x24$order_id"'\xa2\x06\x1c\x18\x01\x20\x01\x40\x01\x52\x04\x10\x01\x18\x01\x62\x0e\x0a\x0c\x20\x01\x28\x01\x3a\x06\x10\x01\x18\x01\x28\x01'
  write_frame "$work/CreateContact.frame" '\x0a\x18\x12\x16A contact of the bench'
  # requests = 1, a thousand times CreateContact's
  write_frame "$work/BatchCreateContacts.frame" "$(printf '\\x0a\\x1a\\x0a\\x18\\x12\\x16A contact of the bench%.0s' {1..1000})"
  # order = 1: contact_id = 2, total_cents = 4: 600, and three times items = 12: product_id = 3, quantity = 4: 1,
  # price_cents = 5: 100
  local item='\x62\x2a\x1a\x24' product=01950000-0001-7000-8000-00000000000 rest='\x20\x01\x28\x64'
  write_frame "$work/CreateOrder.frame" \
    '\x0a\xad\x01\x12\x24'"$contact_id"'\x20\xd8\x04'"$item${product}1$rest$item${product}2$rest$item${product}3$rest"
}

# fixture_server NAME: echo, textbook, textbook-tuned, tenantryd or tenantryd-unshared.
fixture_server() {
  case $1 in
    echo) echo_start ;;
    textbook) textbook_start ;;
    textbook-tuned) textbook_start textbook-tuned "$textbook_tuned_flags" ;;
    tenantryd) tenantryd_start tenantryd ;;
    tenantryd-unshared) tenantryd_start tenantryd-unshared "$tenantryd_unshared_flags" ;;
    *) fail "no server is called $1" ;;
  esac
}
