#include "server/schema/derive_table.h"

#include "absl/strings/str_cat.h"
#include "server/schema/derive_children.h"
#include "server/schema/kinds.h"
#include "server/schema/method_writer.h"

namespace tenantry::schema {

void AddTable(const ApiLayout& api, const Table& table, FileWriter& services, FileWriter& queries) {
  MethodWriter writer(api, table, services, queries);
  services.AddService(ServiceName(table),
                      table.tenant_root
                          ? absl::StrCat("The caller's tenant, which is one ", writer.one(), ".")
                          : absl::StrCat("The ", writer.many(), " of the caller's tenant."));
  for (v1::MethodKind kind : table.methods) writer.AddMethod(*FindKind(kind));
  AddChanges(api, table, queries);
}

std::string ServiceName(const Table& table) { return table.message->name() + "Service"; }

}  // namespace tenantry::schema
