// BatchGet, in the API (AIP-231).
#include "absl/strings/str_cat.h"
#include "server/schema/derive_resource.h"
#include "server/schema/kinds.h"
#include "server/schema/method_writer.h"
#include "server/schema/methods.h"
#include "server/schema/naming.h"

namespace tenantry::schema {
namespace {

namespace number = field_number;

// A key of one column is written as it is, one of several as the request of a Get.
const Kind* Entries(const Table& table) {
  return table.primary_key.size() == 1 ? nullptr : &kGetKind;
}

std::string Comment(const MethodWriter& writer) {
  return absl::StrCat("Reads several ", writer.many(),
                      ", in the order asked for. NOT_FOUND when one is missing.");
}

void AddRequest(MethodWriter& writer) {
  const Column& key = *writer.table().primary_key[0];
  const bool single = Entries(writer.table()) == nullptr;
  MethodWriter::Field entries =
      single ? FieldOf(writer.api(), key, Plural(key.field->name()), number::kBatchEntries)
             : FileWriter::OfMessage("requests", number::kBatchEntries,
                                     writer.Local(writer.RequestName(kGetKind)), "");
  writer.AddField(writer.Required(MethodWriter::Repeated(std::move(entries))),
                  absl::StrCat("The keys of the ", writer.many(),
                               ", at least one and at most the server's limit (1000).",
                               single ? "" : " They select nothing: `select` here does, for all."));
  writer.AddSelect(number::kBatchSelect);
}

std::string AddReply(MethodWriter& writer) {
  return writer.BeginRows(kBatchGetKind, "In the order of the keys.");
}

}  // namespace

constexpr Kind kBatchGetKind = {.number = v1::METHOD_KIND_BATCH_GET,
                                .verb = "BatchGet",
                                .plural = true,
                                .reads = true,
                                .entries = Entries,
                                .comment = Comment,
                                .add_request = AddRequest,
                                .add_reply = AddReply};

}  // namespace tenantry::schema
