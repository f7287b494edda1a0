#include "server/schema/method_writer.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/api/field_behavior.pb.h"
#include "server/schema/derive_children.h"
#include "server/schema/derive_filter.h"
#include "server/schema/derive_resource.h"
#include "server/schema/derive_select.h"
#include "server/schema/derive_write.h"
#include "server/schema/methods.h"
#include "server/schema/naming.h"
#include "server/schema/search.h"

namespace tenantry::schema {

namespace pb = google::protobuf;
using pb::FieldDescriptorProto;
namespace number = field_number;

namespace {

std::string Join(const std::vector<const Column*>& columns, absl::string_view separator) {
  return absl::StrJoin(columns, separator, [](std::string* out, const Column* column) {
    absl::StrAppend(out, column->field->name());
  });
}

}  // namespace

MethodWriter::MethodWriter(const ApiLayout& api, const Table& table, FileWriter& services,
                           FileWriter& queries)
    : api_(api),
      table_(table),
      services_(services),
      queries_(queries),
      one_(Words(table.message->name())),
      many_(Words(table.plural)) {}

void MethodWriter::AddMethod(const Kind& kind) {
  AddRequest(kind);
  const std::string reply = kind.add_reply(*this);
  auto* method = services_.AddMethod(kind.MethodName(table_), Local(RequestName(kind)), reply,
                                     kind.comment(*this));
  if (kind.reads)
    method->mutable_options()->set_idempotency_level(pb::MethodOptions::NO_SIDE_EFFECTS);
  if (kind.streams_reply) method->set_server_streaming(true);
  if (kind.streams_request) method->set_client_streaming(true);
  v1::MethodOptions* marker = method->mutable_options()->MutableExtension(v1::method);
  marker->set_resource(api_.Resource(table_));
  marker->set_kind(kind.number);
}

void MethodWriter::AddRequest(const Kind& kind) {
  if (!requests_.insert(&kind).second) return;
  const Kind* entry = kind.entries == nullptr ? nullptr : kind.entries(table_);
  if (entry != nullptr) AddRequest(*entry);
  services_.AddMessage(RequestName(kind),
                       absl::StrCat("What ", kind.MethodName(table_), " takes."));
  kind.add_request(*this);
  if (kind.reads) return;
  AddValidateOnly(services_);
  // What a stream asks for is known at its end only.
  if (!kind.streams_request) AddRequestId(services_);
}

void AddValidateOnly(FileWriter& services) {
  services.AddField(
      FileWriter::Scalar("validate_only", number::kValidateOnly, FieldDescriptorProto::TYPE_BOOL),
      "The call is tried and answered, and nothing is written.");
}

void AddRequestId(FileWriter& services) {
  FileWriter::Field request_id =
      FileWriter::Scalar("request_id", number::kRequestId, FieldDescriptorProto::TYPE_STRING);
  request_id.options.MutableExtension(v1::value)->set_format(v1::FORMAT_UUID);
  services.AddField(
      request_id,
      "A UUID that is new for each write. A request that is sent again with the same one, "
      "within a day, is answered as it was the first time, and not done again.");
}

std::string MethodWriter::KeyNames() const { return Join(table_.primary_key, ", "); }

void MethodWriter::AddKeyFields() {
  int next = number::kFirstKey;
  for (const Column* column : table_.primary_key) {
    std::string comment = table_.primary_key.size() == 1
                              ? absl::StrCat("The key of the ", one_, ".")
                              : "Part of the key; all parts are required.";
    AddField(Required(FieldOf(api_, *column, column->field->name(), next++)), comment);
  }
}

void MethodWriter::AddSelect(int number) {
  AddField(SelectField(api_, table_, number),
           "What is read: columns and relations. Without it, all columns and no relation.");
}

void MethodWriter::AddSearch(int number) {
  if (!table_.search.has_value()) return;
  std::vector<const Column*> columns;
  for (const Search::Part& part : table_.search->parts) columns.push_back(part.column);
  Field search = FileWriter::Scalar("search", number, FieldDescriptorProto::TYPE_STRING);
  search.options.MutableExtension(v1::value)->set_max_length(kSearchLengthMax);
  AddField(search,
           absl::StrCat("Only ", many_, " in which these words are found, in ", Join(columns, ", "),
                        ". As in a web search: `red shoe` is both words, `red or blue` one of "
                        "them, `\"red shoe\"` one behind the other, `-red` not this one."));
}

// What nobody may read has no select.
void MethodWriter::AddWrittenSelect() {
  if (!IsRead(table_)) return;
  AddField(SelectField(api_, table_, number::kSelect),
           "What the answer holds: columns and relations, these as they were before, or behind the "
           "call where it writes rows of them. Without it, all columns, and of relations the rows "
           "that the call has written.");
}

void MethodWriter::AddBatchSelect() {
  if (!IsRead(table_)) return;
  AddField(
      SelectField(api_, table_, number::kSelect),
      "Which columns the answer holds, those of the key among them. Without it, all. Relations "
      "are read by BatchGet.");
}

void MethodWriter::AddRequire() {
  if (!IsRead(table_)) return;
  AddField(RequireField(api_, table_),
           absl::StrCat("What must hold of the ", one_,
                        " before. FAILED_PRECONDITION with the reason REQUIREMENT_NOT_MET when "
                        "it does not: nothing is written then."));
}

void MethodWriter::AddEtag() {
  if (table_.etag == nullptr) return;
  AddField(FileWriter::Scalar("etag", number::kEtag, FieldDescriptorProto::TYPE_STRING),
           absl::StrCat("The ", table_.etag->field->name(), " of the ", one_,
                        " as it was read. ABORTED with the reason ETAG_MISMATCH when it has been "
                        "written since: nothing is written then."));
}

void MethodWriter::AddManyRows() {
  AddField(Required(FileWriter::OfMessage("filter", number::kManyFilter, Local(FilterName(table_)),
                                          api_.queries())),
           absl::StrCat("Which ", many_, ". An empty filter finds all; none at all is an error."));
  AddField(Required(FileWriter::Scalar("max_affected", number::kManyMaxAffected,
                                       FieldDescriptorProto::TYPE_INT64)),
           "Most rows that may be written, at least 1 and at most the server's limit (10000). "
           "FAILED_PRECONDITION with the reason TOO_MANY_ROWS when the filter finds more: nothing "
           "is written then.");
}

void MethodWriter::AddUpdateMask(int number, absl::string_view comment) {
  AddField(
      FileWriter::OfMessage("update_mask", number, "google.protobuf.FieldMask",
                            "google/protobuf/field_mask.proto"),
      absl::StrCat(comment,
                   " Without a mask, those that are set. Each is given by its name or its JSON "
                   "name; `*` means all fields. (Some JSON libraries, Go's for one, refuse `*` "
                   "in a mask: then name the fields.)"));
}

void MethodWriter::AddIncrement(int number) {
  if (Countable(table_).empty()) return;
  if (!std::exchange(has_increment_, true)) schema::AddIncrement(api_, table_, queries_);
  AddField(IncrementField(api_, table_, number),
           "What is added to numbers. A number is either added to or set, not both.");
}

void MethodWriter::AddChildren() {
  if (!HasChildren(table_)) return;
  if (!std::exchange(has_children_, true)) schema::AddChildren(api_, table_, queries_);
  AddField(ChildrenField(api_, table_),
           absl::StrCat("Changes to the rows that refer to the ", one_,
                        ", in the same transaction: all of it happens or nothing. The answer holds "
                        "the rows that were changed, then those that were made."));
}

void MethodWriter::AddResource(absl::string_view to_do) {
  AddField(Required(Resource(table_.field_name, number::kResource)),
           absl::StrCat(to_do, OutputHint()));
}

void MethodWriter::AddShowDeleted(int number, absl::string_view verb) {
  if (table_.delete_time == nullptr) return;
  AddField(FileWriter::Scalar("show_deleted", number, FieldDescriptorProto::TYPE_BOOL),
           absl::StrCat(verb, " ", many_, " that are deleted."));
}

void MethodWriter::AddEntries(const Kind& kind, absl::string_view to_do) {
  AddField(Required(Repeated(FileWriter::OfMessage("requests", number::kBatchEntries,
                                                   Local(RequestName(kind)), ""))),
           absl::StrCat("The ", many_, " ", to_do,
                        ", at least one and at most the server's limit (1000)."));
}

MethodWriter::Field MethodWriter::Required(Field field) {
  field.options.AddExtension(google::api::field_behavior, google::api::REQUIRED);
  services_.Import("google/api/field_behavior.proto");
  return field;
}

MethodWriter::Field MethodWriter::Repeated(Field field) {
  field.repeated = true;
  return field;
}

MethodWriter::Field MethodWriter::Resource(std::string name, int number) const {
  return FileWriter::OfMessage(std::move(name), number, api_.Resource(table_), api_.resources());
}

std::string MethodWriter::RequestName(const Kind& kind) const {
  return kind.MethodName(table_) + "Request";
}

std::string MethodWriter::KeyHint() const {
  for (const Column* column : table_.primary_key) {
    if (column->managed != v1::MANAGED_ID) continue;
    return absl::StrCat(" Without ", column->field->name(), " it gets a new one.");
  }
  return "";
}

std::string MethodWriter::OutputHint() const {
  std::vector<const Column*> columns;
  for (const Column& column : table_.columns) {
    if (column.output_only && !column.is_hidden()) columns.push_back(&column);
  }
  if (columns.empty()) return "";
  return absl::StrCat(" What it holds in ", Join(columns, ", "), " is ignored.");
}

std::string MethodWriter::KeyEnum() {
  const std::string& message = table_.message->name();
  if (std::exchange(has_keys_, true)) return Local(message + "Key");
  const std::string prefix = UpperSnakeCase(message) + "_KEY_";
  queries_.AddEnum(message + "Key", absl::StrCat("The keys by which one ", one_, " is known."));
  queries_.AddValue(prefix + "UNSPECIFIED", 0, "The primary key.");
  queries_.AddValue(prefix + "PRIMARY", 1, absl::StrCat("The primary key: ", KeyNames(), "."));
  for (const UniqueKey& key : table_.unique_keys) {
    if (!IsInApi(key.columns)) continue;
    queries_.AddValue(prefix + absl::AsciiStrToUpper(Join(key.columns, "_")), key.number,
                      absl::StrCat("Unique within the tenant: ", Join(key.columns, ", "), "."));
  }
  return Local(message + "Key");
}

std::string MethodWriter::Row() {
  services_.Import(api_.resources());
  return api_.Resource(table_);
}

std::string MethodWriter::Empty() {
  services_.Import("google/protobuf/empty.proto");
  return "google.protobuf.Empty";
}

std::string MethodWriter::BeginReply(const Kind& kind) {
  const std::string method = kind.MethodName(table_);
  services_.AddMessage(method + "Response", absl::StrCat("What ", method, " answers."));
  return Local(method + "Response");
}

std::string MethodWriter::BeginRows(const Kind& kind, absl::string_view comment) {
  std::string type = BeginReply(kind);
  AddField(Repeated(Resource(table_.plural_field_name, number::kRows)), comment);
  return type;
}

std::string MethodWriter::BeginAffected(const Kind& kind) {
  std::string type = BeginReply(kind);
  AddField(FileWriter::Scalar("affected", number::kAffected, FieldDescriptorProto::TYPE_INT64),
           absl::StrCat("How many ", many_, " were written."));
  return type;
}

}  // namespace tenantry::schema
