// Create, in the API (AIP-133).
#include "absl/strings/str_cat.h"
#include "server/schema/derive_write.h"
#include "server/schema/kinds.h"
#include "server/schema/method_writer.h"

namespace tenantry::schema {
namespace {

std::string Comment(const MethodWriter& writer) {
  return absl::StrCat("Makes one ", writer.one(), ". ALREADY_EXISTS when a key of it is taken.");
}

void AddRequest(MethodWriter& writer) {
  writer.AddResource(absl::StrCat("The ", writer.one(), " to make", RowsOfRelations(writer.table()),
                                  ".", writer.KeyHint()));
  writer.AddWrittenSelect();
}

std::string AddReply(MethodWriter& writer) { return writer.Row(); }

}  // namespace

constexpr Kind kCreateKind = {.number = v1::METHOD_KIND_CREATE,
                              .verb = "Create",
                              .makes_rows = true,
                              .why_unfit = WhyRowsStay,
                              .comment = Comment,
                              .add_request = AddRequest,
                              .add_reply = AddReply};

}  // namespace tenantry::schema
