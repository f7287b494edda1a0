# Medians, ratios and targets from the records of run.sh: row, contender, round, metric, value.
# Variables: judge (empty = do not judge), json (file or empty), seconds, machine, load.
BEGIN { FS = "\t" }

{
  n = ++count[$1, $2, $4]
  value[$1, $2, $4, n] = $5
  if (!(($1, $2) in known)) {
    known[$1, $2] = 1
    if (!($1 in contenders)) rows[++row_count] = $1
    contenders[$1] = contenders[$1] (contenders[$1] == "" ? "" : " ") $2
  }
}

# Median of one contender's rounds; -1 when it was not measured.
function median(row, who, metric,    n, i, j, t, v) {
  n = count[row, who, metric]
  if (!n) return -1
  for (i = 1; i <= n; i++) v[i] = value[row, who, metric, i]
  return middle(v, n)
}

function middle(v, n,    i, j, t) {
  for (i = 2; i <= n; i++) {
    t = v[i] + 0
    for (j = i - 1; j >= 1 && v[j] + 0 > t; j--) v[j + 1] = v[j]
    v[j + 1] = t
  }
  return n % 2 ? v[(n + 1) / 2] + 0 : (v[n / 2] + v[n / 2 + 1]) / 2
}

# Median of the rounds' own ratios: what disturbs one round disturbs both of its sides.
function ratio(row, who, other, metric,    n, i, v) {
  n = count[row, who, metric]
  if (!n || n != count[row, other, metric]) return -1
  for (i = 1; i <= n; i++) v[i] = value[row, who, metric, i] / value[row, other, metric, i]
  return middle(v, n)
}

# One call at a time against the sum of its parts, round by round.
function alone_ratio(metric,    n, i, v) {
  n = count["alone", "tenantryd", metric]
  if (!n || n != count["alone", "echo", metric] || n != count["alone", "pgbench-pipelined", metric]) return -1
  for (i = 1; i <= n; i++) {
    v[i] = value["alone", "echo", metric, i] + value["alone", "pgbench-pipelined", metric, i]
    v[i] = value["alone", "tenantryd", metric, i] / v[i]
  }
  return middle(v, n)
}

function cell(x, format) { return x < 0 ? "-" : sprintf(format, x) }
function milliseconds(row, who, metric,    x) {
  x = median(row, who, metric)
  return x < 0 ? "-" : sprintf("%.2f", x / 1000)
}

function print_row(row,    list, n, i, who) {
  printf "\n%s\n", title[row] != "" ? title[row] : row
  n = split(contenders[row], list, " ")
  if (row == "memory") {
    for (i = 1; i <= n; i++) printf "  %-20s %8.1f MB resident\n", list[i], median(row, list[i], "resident_mb")
    return
  }
  printf "  %-20s %10s %9s %9s %12s %12s\n", "", "calls/s", "p50 ms", "p99 ms", "server CPU", "postgres CPU"
  for (i = 1; i <= n; i++) {
    who = list[i]
    printf "  %-20s %10s %9s %9s %12s %12s\n", who, cell(median(row, who, "calls_per_s"), "%.0f"),
           milliseconds(row, who, "p50_us"), milliseconds(row, who, "p99_us"),
           cell(median(row, who, "server_cpu_s_per_1000"), "%.4f"),
           cell(median(row, who, "postgres_cpu_s_per_1000"), "%.4f")
  }
}

# target TEXT, MEASURED, ">=" or "<=", WANTED
function target(text, measured, sign, wanted,    met) {
  if (measured < 0) return
  met = sign == ">=" ? measured >= wanted : measured <= wanted
  t = ++target_count
  target_json[t] = sprintf("{\"target\": \"%s\", \"measured\": %.5g, \"wanted\": \"%s %s\", \"met\": %s}", text, measured,
                           sign, wanted, met ? "true" : "false")
  printf "  %-66s %9.4g   %s %-6s  %s\n", text, measured, sign, wanted, met ? "met" : "NOT MET"
}

function print_targets() {
  printf "\nTargets (ratios are medians of the rounds' own ratios)\n"
  target("GetContact: calls/s, tenantryd / textbook", ratio("get", "tenantryd", "textbook", "calls_per_s"), ">=", 4)
  target("GetContact: p99, tenantryd / textbook", ratio("get", "tenantryd", "textbook", "p99_us"), "<=", 1)
  target("GetContact: calls/s, tenantryd / pgbench sequential",
         ratio("get", "tenantryd", "pgbench-sequential", "calls_per_s"), ">=", 1)
  target("GetContact: CPU s per 1,000 calls in the server", median("get", "tenantryd", "server_cpu_s_per_1000"), "<=", 0.03)
  target("GetContact: CPU s per 1,000 calls in PostgreSQL", median("get", "tenantryd", "postgres_cpu_s_per_1000"), "<=", 0.035)
  target("... against a bare echo (0.015 where that was set)", ratio("get", "tenantryd", "echo", "server_cpu_s_per_1000"), "<=", 2)
  target("One call at a time: p50 / (echo + pipelined transaction)", alone_ratio("p50_us"), "<=", 1.4)
  target("ListContacts of 50: calls/s, tenantryd / textbook", ratio("list", "tenantryd", "textbook", "calls_per_s"), ">=", 2)
  target("ListContacts of 50 with exact total: calls/s, tenantryd / textbook",
         ratio("total", "tenantryd", "textbook", "calls_per_s"), ">=", 2)
  target("GetOrder with contact, 3 items, products: calls/s, tenantryd / textbook",
         ratio("tree", "tenantryd", "textbook", "calls_per_s"), ">=", 3)
  target("CreateContact: calls/s, tenantryd / textbook", ratio("create", "tenantryd", "textbook", "calls_per_s"), ">=", 1.8)
  target("CreateOrder with 3 items: calls/s, tenantryd / textbook", ratio("nested", "tenantryd", "textbook", "calls_per_s"), ">=", 2)
  target("BatchCreateContacts of 1,000: p50, a loop of single inserts by pgbench / tenantryd",
         ratio("batch", "pgbench", "tenantryd", "p50_us"), ">=", 5)
  target("Revenue by day and status: p50, tenantryd / the same SQL by pgbench",
         ratio("revenue", "tenantryd", "pgbench", "p50_us"), "<=", 1.1)
  target("CreateContact: calls/s, with a request_id / without", ratio("once", "request-id", "plain", "calls_per_s"), ">=", 0.75)
  target("ExportContacts: rows/s, tenantryd / COPY TO STDOUT by psql", ratio("export", "tenantryd", "psql", "calls_per_s"), ">=", 0.6)
  target("ImportContacts: rows/s, tenantryd / COPY FROM STDIN by psql", ratio("import", "tenantryd", "psql", "calls_per_s"), ">=", 0.5)
  target("Resident MB at 1,000 streams", median("memory", "tenantryd", "resident_mb"), "<=", 80)
}

function print_other_ratios() {
  printf "\nOther ratios, tenantryd / textbook, calls/s\n"
  other("tenantry-load, GetContact", "get-load")
  other("tenantry-load, 90 % GetContact, 10 % CreateContact", "mixed")
  other("one call at a time", "alone")
  other("GetContact when no two calls share a transaction", "get", "textbook", "tenantryd-unshared")
  printf "\nThe same, tenantryd / the textbook's design tuned to the utmost\n"
  other("GetContact", "get", "textbook-tuned")
  other("GetContact when no two calls share a transaction", "get", "textbook-tuned", "tenantryd-unshared")
  other("ListContacts of 50", "list", "textbook-tuned")
  other("ListContacts of 50 with exact total", "total", "textbook-tuned")
  other("GetOrder with contact, 3 items, products", "tree", "textbook-tuned")
  other("CreateContact", "create", "textbook-tuned")
  other("CreateOrder with 3 items", "nested", "textbook-tuned")
}

function other(text, row, who, ours,    x) {
  x = ratio(row, ours == "" ? "tenantryd" : ours, who == "" ? "textbook" : who, "calls_per_s")
  if (x >= 0) printf "  %-66s %9.4g\n", text, x
}

function write_json(    i, key, part, first) {
  printf "{\"machine\": \"%s\", \"load\": \"%s\", \"seconds\": %s,\n \"targets\": [", machine, load, seconds >json
  for (i = 1; i <= target_count; i++) printf "%s\n  %s", (i > 1 ? "," : ""), target_json[i] >json
  printf "],\n \"medians\": [" >json
  first = 1
  for (key in count) {
    split(key, part, SUBSEP)
    printf "%s\n  {\"row\": \"%s\", \"contender\": \"%s\", \"metric\": \"%s\", \"rounds\": %d, \"median\": %.6g}",
           first ? "" : ",", part[1], part[2], part[3], count[key], median(part[1], part[2], part[3]) >json
    first = 0
  }
  print "]}" >json
  close(json)
}

END {
  title["get"] = "GetContact, 4 connections x 16 streams (h2load); pgbench: 4 clients, the same transaction"
  title["get-load"] = "GetContact, 4 connections x 16 streams (tenantry-load)"
  title["list"] = "ListContacts of 50 rows, 4 connections x 16 streams (h2load)"
  title["revenue"] = "Revenue by day and status, one call at a time: AggregateOrders (h2load); pgbench: the same SQL"
  title["total"] = "ListContacts of 50 rows with exact total, 4 connections x 16 streams (h2load); textbook: two statements"
  title["tree"] = "GetOrder with contact, 3 items, products, 4 connections x 16 streams (h2load); textbook: one join"
  title["create"] = "CreateContact, 4 connections x 16 streams, fsync on (h2load)"
  title["nested"] = "CreateOrder with 3 items, 4 connections x 16 streams, fsync on (h2load); textbook: four statements"
  title["mixed"] = "90 % GetContact, 10 % CreateContact, 4 connections x 16 streams (tenantry-load)"
  title["batch"] = "1,000 new contacts: BatchCreateContacts, one call at a time (h2load); pgbench: 1,000 inserts in one transaction"
  title["once"] = "CreateContact with a request_id and without, 4 connections x 16 streams, fsync on (tenantry-load)"
  title["alone"] = "GetContact, one call at a time (h2load); pgbench: 1 client"
  title["export"] = "All contacts of a tenant by one call: rows a second (h2load); psql: COPY TO STDOUT (FORMAT binary)"
  title["import"] = "New contacts by one call: rows a second (h2load); psql: COPY FROM STDIN (FORMAT binary)"
  title["memory"] = "Resident memory, 10 connections x 100 streams"
  title["depth"] = "CreateContact by connections x writes in flight on each, 64 streams, fsync on (h2load)"
  title["tune-get"] = "Textbook server, GetContact, by connections:queues:pollers"
  title["tune-create"] = "Textbook server, CreateContact, by connections:queues:pollers"
  printf "%s; load average at the end %s; rounds of %s s; medians; CPU in seconds per 1,000 calls\n", machine, load, seconds
  for (i = 1; i <= row_count; i++) print_row(rows[i])
  if (judge != "") print_targets()
  if (judge != "") print_other_ratios()
  if (json != "") write_json()
}
