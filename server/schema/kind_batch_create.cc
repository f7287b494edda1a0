// BatchCreate, in the API (AIP-233).
#include "absl/strings/str_cat.h"
#include "server/schema/kinds.h"
#include "server/schema/method_writer.h"

namespace tenantry::schema {
namespace {

const Kind* Entries(const Table&) { return &kCreateKind; }

std::string Comment(const MethodWriter& writer) {
  return absl::StrCat("Makes several ", writer.many(), ", all or none.");
}

void AddRequest(MethodWriter& writer) {
  writer.AddEntries(kCreateKind, "to make");
  writer.AddBatchSelect();
}

std::string AddReply(MethodWriter& writer) {
  return writer.BeginRows(kBatchCreateKind, "In the order of the requests.");
}

}  // namespace

constexpr Kind kBatchCreateKind = {.number = v1::METHOD_KIND_BATCH_CREATE,
                                   .verb = "BatchCreate",
                                   .plural = true,
                                   .makes_rows = true,
                                   .why_unfit = WhyRowsStay,
                                   .entries = Entries,
                                   .comment = Comment,
                                   .add_request = AddRequest,
                                   .add_reply = AddReply};

}  // namespace tenantry::schema
