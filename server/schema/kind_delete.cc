// Delete, in the API (AIP-135, AIP-164).
#include "absl/strings/str_cat.h"
#include "server/schema/kinds.h"
#include "server/schema/method_writer.h"

namespace tenantry::schema {
namespace {

std::string Comment(const MethodWriter& writer) {
  const bool marks = writer.table().delete_time != nullptr;
  return absl::StrCat(marks ? "Marks one " : "Removes one ", writer.one(),
                      marks ? " as deleted and keeps it." : ".", " NOT_FOUND when there is none.");
}

void AddRequest(MethodWriter& writer) {
  writer.AddKeyFields();
  if (writer.table().delete_time != nullptr) writer.AddWrittenSelect();
  writer.AddRequire();
  writer.AddEtag();
}

std::string AddReply(MethodWriter& writer) {
  return writer.table().delete_time != nullptr ? writer.Row() : writer.Empty();
}

}  // namespace

constexpr Kind kDeleteKind = {.number = v1::METHOD_KIND_DELETE,
                              .verb = "Delete",
                              .deletes = true,
                              .why_unfit = WhyRowsStay,
                              .comment = Comment,
                              .add_request = AddRequest,
                              .add_reply = AddReply};

}  // namespace tenantry::schema
