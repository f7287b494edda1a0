// Update, in the API (AIP-134).
#include "absl/strings/str_cat.h"
#include "server/schema/kinds.h"
#include "server/schema/method_writer.h"
#include "server/schema/methods.h"

namespace tenantry::schema {
namespace {

namespace number = field_number;

std::string Comment(const MethodWriter& writer) {
  return absl::StrCat("Changes fields of one ", writer.one(), ". NOT_FOUND when there is none.");
}

void AddRequest(MethodWriter& writer) {
  writer.AddResource(absl::StrCat("The new values, and in ", writer.KeyNames(), " which ",
                                  writer.one(), " they are for."));
  writer.AddUpdateMask(number::kUpdateMask, "The fields to change.");
  writer.AddIncrement(number::kIncrement);
  writer.AddChildren();
  writer.AddWrittenSelect();
  writer.AddRequire();
  writer.AddEtag();
}

std::string AddReply(MethodWriter& writer) { return writer.Row(); }

}  // namespace

constexpr Kind kUpdateKind = {.number = v1::METHOD_KIND_UPDATE,
                              .verb = "Update",
                              .why_unfit = WhyNoChange,
                              .comment = Comment,
                              .add_request = AddRequest,
                              .add_reply = AddReply};

}  // namespace tenantry::schema
