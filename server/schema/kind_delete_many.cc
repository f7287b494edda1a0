// DeleteMany, in the API (AIP-165).
#include "absl/strings/str_cat.h"
#include "server/schema/kinds.h"
#include "server/schema/method_writer.h"

namespace tenantry::schema {
namespace {

std::string Comment(const MethodWriter& writer) {
  const bool marks = writer.table().delete_time != nullptr;
  return absl::StrCat(marks ? "Marks all " : "Removes all ", writer.many(),
                      " that the filter finds", marks ? " as deleted and keeps them" : "",
                      ", all or none.");
}

void AddRequest(MethodWriter& writer) { writer.AddManyRows(); }

std::string AddReply(MethodWriter& writer) { return writer.BeginAffected(kDeleteManyKind); }

}  // namespace

constexpr Kind kDeleteManyKind = {.number = v1::METHOD_KIND_DELETE_MANY,
                                  .verb = "DeleteMany",
                                  .plural = true,
                                  .filters = true,
                                  .deletes = true,
                                  .why_unfit = WhyRowsStay,
                                  .comment = Comment,
                                  .add_request = AddRequest,
                                  .add_reply = AddReply};

}  // namespace tenantry::schema
