// BatchUpdate, in the API (AIP-234).
#include "absl/strings/str_cat.h"
#include "server/schema/kinds.h"
#include "server/schema/method_writer.h"

namespace tenantry::schema {
namespace {

const Kind* Entries(const Table&) { return &kUpdateKind; }

std::string Comment(const MethodWriter& writer) {
  return absl::StrCat("Changes several ", writer.many(),
                      ", each in its own way, all or none. NOT_FOUND when one is missing.");
}

void AddRequest(MethodWriter& writer) {
  writer.AddEntries(kUpdateKind, "to change");
  writer.AddBatchSelect();
}

std::string AddReply(MethodWriter& writer) {
  return writer.BeginRows(kBatchUpdateKind, "In the order of the requests.");
}

}  // namespace

constexpr Kind kBatchUpdateKind = {.number = v1::METHOD_KIND_BATCH_UPDATE,
                                   .verb = "BatchUpdate",
                                   .plural = true,
                                   .why_unfit = WhyNoChange,
                                   .entries = Entries,
                                   .comment = Comment,
                                   .add_request = AddRequest,
                                   .add_reply = AddReply};

}  // namespace tenantry::schema
