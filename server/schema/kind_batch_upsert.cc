// BatchUpsert, in the API.
#include "absl/strings/str_cat.h"
#include "server/schema/kinds.h"
#include "server/schema/method_writer.h"

namespace tenantry::schema {
namespace {

const Kind* Entries(const Table&) { return &kUpsertKind; }

std::string Comment(const MethodWriter& writer) {
  return absl::StrCat("Makes several ", writer.many(),
                      ", or changes those that have their keys already, all or none. All requests "
                      "go by one conflict_key and change the same fields.");
}

void AddRequest(MethodWriter& writer) {
  writer.AddEntries(kUpsertKind, "as they shall be");
  writer.AddBatchSelect();
}

std::string AddReply(MethodWriter& writer) {
  return writer.BeginRows(kBatchUpsertKind, "In the order of the requests.");
}

}  // namespace

constexpr Kind kBatchUpsertKind = {.number = v1::METHOD_KIND_BATCH_UPSERT,
                                   .verb = "BatchUpsert",
                                   .plural = true,
                                   .makes_rows = true,
                                   .why_unfit = WhyNoUpsert,
                                   .entries = Entries,
                                   .comment = Comment,
                                   .add_request = AddRequest,
                                   .add_reply = AddReply};

}  // namespace tenantry::schema
