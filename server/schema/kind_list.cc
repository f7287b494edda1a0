// List, in the API (AIP-132).
#include "absl/strings/str_cat.h"
#include "server/schema/derive_filter.h"
#include "server/schema/derive_order.h"
#include "server/schema/kinds.h"
#include "server/schema/method_writer.h"
#include "server/schema/methods.h"

namespace tenantry::schema {
namespace {

using google::protobuf::FieldDescriptorProto;
namespace number = field_number;

std::string Comment(const MethodWriter& writer) {
  return absl::StrCat("Lists ", writer.many(), ", a page at a time.");
}

void AddPage(MethodWriter& writer) {
  writer.AddField(
      FileWriter::Scalar("page_size", number::kListPageSize, FieldDescriptorProto::TYPE_INT32),
      "Most entries of a page. 0 means the server's default (50), more than its "
      "maximum (1000) means the maximum.");
  writer.AddField(
      FileWriter::Scalar("page_token", number::kListPageToken, FieldDescriptorProto::TYPE_STRING),
      absl::StrCat("The next_page_token of the page before, or the previous_page_token of the page "
                   "behind; empty for the first page. filter, order_by",
                   writer.table().search.has_value() ? ", search" : "",
                   " and show_deleted must be as they were then."));
}

void AddRequest(MethodWriter& writer) {
  const Table& table = writer.table();
  AddPage(writer);
  writer.AddField(FileWriter::OfMessage("filter", number::kListFilter,
                                        writer.Local(FilterName(table)), writer.api().queries()),
                  "Conditions that every entry meets.");
  writer.AddField(
      OrderField(writer.api(), table, number::kListOrderBy),
      absl::StrCat("The order: by the first entry, rows that are equal in it by the second, "
                   "and so on, in the end by ",
                   writer.KeyNames(), ".",
                   table.search.has_value()
                       ? " Without an entry, what is searched for has the best match first."
                       : ""));
  writer.AddShowDeleted(number::kListShowDeleted, "Also lists");
  writer.AddField(
      FileWriter::Scalar("skip", number::kListSkip, FieldDescriptorProto::TYPE_INT64),
      "Rows to pass over before the page begins, counted from where page_token points to. "
      "Each costs as much as one that is read.");
  MethodWriter::Field total =
      FileWriter::Scalar("total", number::kListTotal, FieldDescriptorProto::TYPE_ENUM);
  total.type_name = "tenantry.v1.Total";
  total.type_file = "tenantry/v1/query.proto";
  writer.AddField(total, absl::StrCat("Whether total_size says how many ", writer.many(),
                                      " there are on all pages. Default: it does not."));
  writer.AddSelect(number::kListSelect);
  writer.AddSearch(number::kListSearch);
}

std::string AddReply(MethodWriter& writer) {
  std::string type = writer.BeginRows(kListKind, "The page.");
  writer.AddField(FileWriter::Scalar("next_page_token", number::kNextPageToken,
                                     FieldDescriptorProto::TYPE_STRING),
                  "Asks for the page after this one; empty on the last page.");
  writer.AddField(FileWriter::Scalar("previous_page_token", number::kPreviousPageToken,
                                     FieldDescriptorProto::TYPE_STRING),
                  "Asks for the page before this one; empty on the first page.");
  MethodWriter::Field total =
      FileWriter::Scalar("total_size", number::kTotalSize, FieldDescriptorProto::TYPE_INT64);
  total.optional = true;
  writer.AddField(total, absl::StrCat("How many ", writer.many(),
                                      " there are on all pages, where the request asks for it."));
  return type;
}

}  // namespace

constexpr Kind kListKind = {.number = v1::METHOD_KIND_LIST,
                            .verb = "List",
                            .plural = true,
                            .reads = true,
                            .comment = Comment,
                            .add_request = AddRequest,
                            .add_reply = AddReply};

}  // namespace tenantry::schema
