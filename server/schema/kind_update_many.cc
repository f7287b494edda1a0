// UpdateMany, in the API.
#include "absl/strings/str_cat.h"
#include "server/schema/kinds.h"
#include "server/schema/method_writer.h"
#include "server/schema/methods.h"

namespace tenantry::schema {
namespace {

namespace number = field_number;

std::string Comment(const MethodWriter& writer) {
  return absl::StrCat("Changes all ", writer.many(),
                      " that the filter finds, in one and the same way, all or none.");
}

void AddRequest(MethodWriter& writer) {
  writer.AddManyRows();
  writer.AddField(writer.Resource(writer.table().field_name, number::kManyResource),
                  absl::StrCat("The new values of all of them. What it holds in ",
                               writer.KeyNames(), " is ignored."));
  writer.AddUpdateMask(number::kManyUpdateMask, "The fields to change.");
  writer.AddIncrement(number::kManyIncrement);
}

std::string AddReply(MethodWriter& writer) { return writer.BeginAffected(kUpdateManyKind); }

}  // namespace

constexpr Kind kUpdateManyKind = {.number = v1::METHOD_KIND_UPDATE_MANY,
                                  .verb = "UpdateMany",
                                  .plural = true,
                                  .filters = true,
                                  .why_unfit = WhyNoChange,
                                  .comment = Comment,
                                  .add_request = AddRequest,
                                  .add_reply = AddReply};

}  // namespace tenantry::schema
