// Import, in the API: new rows, however many, as a stream.
#include "absl/strings/str_cat.h"
#include "server/schema/kinds.h"
#include "server/schema/method_writer.h"
#include "server/schema/methods.h"

namespace tenantry::schema {
namespace {

using google::protobuf::FieldDescriptorProto;
namespace number = field_number;

constexpr char kFile[] = "tenantry/v1/import.proto";

std::string Comment(const MethodWriter& writer) {
  return absl::StrCat(
      "Makes ", writer.many(),
      ", however many the stream brings. What `mode` and `validate_only` say counts "
      "in the first message.");
}

void AddRequest(MethodWriter& writer) {
  writer.AddField(MethodWriter::Repeated(
                      writer.Resource(writer.table().plural_field_name, number::kImportRows)),
                  absl::StrCat("The next ", writer.many(),
                               " to make: in the first message, and in as "
                               "many as follow. They go to the database together."));
  MethodWriter::Field mode =
      FileWriter::Scalar("mode", number::kImportMode, FieldDescriptorProto::TYPE_ENUM);
  mode.type_name = "tenantry.v1.ImportMode";
  mode.type_file = kFile;
  writer.AddField(mode, "Whether all rows are one, or those of each message.");
  writer.AddField(FileWriter::Scalar("last", number::kImportLast, FieldDescriptorProto::TYPE_BOOL),
                  "The stream is whole with this message. One that ends without it was broken off: "
                  "what is all or nothing is not made.");
}

std::string AddReply(MethodWriter& writer) {
  std::string type = writer.BeginReply(kImportKind);
  writer.AddField(
      FileWriter::Scalar("imported", number::kImported, FieldDescriptorProto::TYPE_INT64),
      "How many rows were made.");
  writer.AddField(
      FileWriter::Scalar("rejected", number::kRejected, FieldDescriptorProto::TYPE_INT64),
      "How many were not, under IMPORT_MODE_BATCHES.");
  writer.AddField(MethodWriter::Repeated(FileWriter::OfMessage(
                      "rejected_rows", number::kRejectedRows, "tenantry.v1.RejectedRow", kFile)),
                  "The first of them, at most the server's limit (1000).");
  return type;
}

}  // namespace

constexpr Kind kImportKind = {.number = v1::METHOD_KIND_IMPORT,
                              .verb = "Import",
                              .plural = true,
                              .makes_rows = true,
                              .streams_request = true,
                              .why_unfit = WhyRowsStay,
                              .comment = Comment,
                              .add_request = AddRequest,
                              .add_reply = AddReply};

}  // namespace tenantry::schema
