// Upsert, in the API.
#include "absl/strings/str_cat.h"
#include "server/schema/kinds.h"
#include "server/schema/method_writer.h"
#include "server/schema/methods.h"

namespace tenantry::schema {
namespace {

using google::protobuf::FieldDescriptorProto;
namespace number = field_number;

std::string Comment(const MethodWriter& writer) {
  return absl::StrCat("Makes one ", writer.one(), ", or changes the one that has its key already.");
}

void AddRequest(MethodWriter& writer) {
  writer.AddResource(absl::StrCat("The ", writer.one(), " as it shall be."));
  MethodWriter::Field key = FileWriter::Scalar("conflict_key", number::kUpsertConflictKey,
                                               FieldDescriptorProto::TYPE_ENUM);
  key.type_name = writer.KeyEnum();
  key.type_file = writer.api().queries();
  writer.AddField(key, absl::StrCat("The key that tells whether the ", writer.one(),
                                    " is there. Default: the primary key."));
  writer.AddUpdateMask(number::kUpsertMask, "The fields to change if the row exists already.");
  writer.AddWrittenSelect();
}

std::string AddReply(MethodWriter& writer) { return writer.Row(); }

}  // namespace

constexpr Kind kUpsertKind = {.number = v1::METHOD_KIND_UPSERT,
                              .verb = "Upsert",
                              .makes_rows = true,
                              .why_unfit = WhyNoUpsert,
                              .comment = Comment,
                              .add_request = AddRequest,
                              .add_reply = AddReply};

}  // namespace tenantry::schema
