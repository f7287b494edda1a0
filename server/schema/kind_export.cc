// Export, in the API: a list of any length, as a stream.
#include "absl/strings/str_cat.h"
#include "server/schema/derive_filter.h"
#include "server/schema/kinds.h"
#include "server/schema/method_writer.h"
#include "server/schema/methods.h"

namespace tenantry::schema {
namespace {

using google::protobuf::FieldDescriptorProto;
namespace number = field_number;

std::string Comment(const MethodWriter& writer) {
  return absl::StrCat("Streams ", writer.many(), ", however many there are, in the order of ",
                      writer.KeyNames(),
                      ". All of them are as they were at one moment, when the call began.");
}

void AddRequest(MethodWriter& writer) {
  const Table& table = writer.table();
  writer.AddField(FileWriter::Scalar("resume_token", number::kExportResumeToken,
                                     FieldDescriptorProto::TYPE_STRING),
                  absl::StrCat("The resume_token of the last message that came, to go on behind it "
                               "where a stream has broken; empty for the beginning. filter",
                               table.search.has_value() ? ", search" : "",
                               " and show_deleted must be as they were then. The rows that follow "
                               "are as they are now."));
  writer.AddField(FileWriter::OfMessage("filter", number::kExportFilter,
                                        writer.Local(FilterName(table)), writer.api().queries()),
                  absl::StrCat("Conditions that all of the ", writer.many(), " meet."));
  writer.AddShowDeleted(number::kExportShowDeleted, "Also streams");
  writer.AddSelect(number::kExportSelect);
  writer.AddSearch(number::kExportSearch);
}

std::string AddReply(MethodWriter& writer) {
  std::string type = writer.BeginRows(kExportKind, "The next rows.");
  writer.AddField(
      FileWriter::Scalar("resume_token", number::kResumeToken, FieldDescriptorProto::TYPE_STRING),
      "Goes on behind these rows, in another call.");
  return type;
}

}  // namespace

constexpr Kind kExportKind = {.number = v1::METHOD_KIND_EXPORT,
                              .verb = "Export",
                              .plural = true,
                              .reads = true,
                              .streams_reply = true,
                              .comment = Comment,
                              .add_request = AddRequest,
                              .add_reply = AddReply};

}  // namespace tenantry::schema
