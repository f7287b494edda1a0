// BatchDelete, in the API (AIP-235).
#include "absl/strings/str_cat.h"
#include "server/schema/kinds.h"
#include "server/schema/method_writer.h"

namespace tenantry::schema {
namespace {

const Kind* Entries(const Table&) { return &kDeleteKind; }

std::string Comment(const MethodWriter& writer) {
  const bool marks = writer.table().delete_time != nullptr;
  return absl::StrCat(marks ? "Marks several " : "Removes several ", writer.many(),
                      marks ? " as deleted and keeps them" : "",
                      ", all or none. NOT_FOUND when one is missing.");
}

void AddRequest(MethodWriter& writer) { writer.AddEntries(kDeleteKind, "to delete"); }

std::string AddReply(MethodWriter& writer) {
  if (writer.table().delete_time == nullptr) return writer.Empty();
  return writer.BeginRows(kBatchDeleteKind, "In the order of the requests.");
}

}  // namespace

constexpr Kind kBatchDeleteKind = {.number = v1::METHOD_KIND_BATCH_DELETE,
                                   .verb = "BatchDelete",
                                   .plural = true,
                                   .deletes = true,
                                   .why_unfit = WhyRowsStay,
                                   .entries = Entries,
                                   .comment = Comment,
                                   .add_request = AddRequest,
                                   .add_reply = AddReply};

}  // namespace tenantry::schema
