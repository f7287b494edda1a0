// Get, in the API (AIP-131).
#include "absl/strings/str_cat.h"
#include "server/schema/kinds.h"
#include "server/schema/method_writer.h"
#include "server/schema/methods.h"

namespace tenantry::schema {
namespace {

namespace number = field_number;

std::string Comment(const MethodWriter& writer) {
  return absl::StrCat("Reads one ", writer.one(), " by its key. NOT_FOUND when there is none.");
}

void AddRequest(MethodWriter& writer) {
  writer.AddKeyFields();
  writer.AddSelect(number::kSelect);
}

std::string AddReply(MethodWriter& writer) { return writer.Row(); }

}  // namespace

constexpr Kind kGetKind = {.number = v1::METHOD_KIND_GET,
                           .verb = "Get",
                           .reads = true,
                           .comment = Comment,
                           .add_request = AddRequest,
                           .add_reply = AddReply};

}  // namespace tenantry::schema
