#include "server/schema/derive_functions.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "server/schema/derive_resource.h"
#include "server/schema/method_writer.h"
#include "server/schema/methods.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;

// The comment on a declaration, in one line.
template <typename Descriptor>
std::string LineOf(const Descriptor& descriptor) {
  return absl::StrJoin(
      absl::StrSplit(CommentOf(descriptor), absl::ByAnyChar(" \n"), absl::SkipEmpty()), " ");
}

class FunctionWriter {
 public:
  FunctionWriter(const ApiLayout& api, const Function& function,
                 std::set<const pb::Descriptor*>& added, FileWriter& writer)
      : api_(api), function_(function), added_(added), writer_(writer) {}

  void Write() {
    for (const Function::List& list : function_.lists) AddRow(list.entry, FieldUse::kRequest);
    AddRequest();
    const std::string reply = AddReply();
    pb::MethodDescriptorProto* method = writer_.AddMethod(
        function_.method->name(), api_.Name(Request().name()), reply, LineOf(*function_.method));
    if (function_.read_only) {
      method->mutable_options()->set_idempotency_level(pb::MethodOptions::NO_SIDE_EFFECTS);
    }
    if (function_.method->options().deprecated()) method->mutable_options()->set_deprecated(true);
    method->mutable_options()->MutableExtension(v1::method)->set_kind(v1::METHOD_KIND_FUNCTION);
  }

 private:
  const pb::Descriptor& Request() const { return *function_.method->input_type(); }

  // False when it is there already.
  bool Begin(const pb::Descriptor& message) {
    if (!added_.insert(&message).second) return false;
    pb::DescriptorProto& added = writer_.AddMessage(message.name(), "");
    writer_.CommentAsIs(writer_.MessagePath(), CommentOf(message));
    pb::DescriptorProto whole;
    message.CopyTo(&whole);
    *added.mutable_reserved_range() = whole.reserved_range();
    *added.mutable_reserved_name() = whole.reserved_name();
    if (message.options().deprecated()) added.mutable_options()->set_deprecated(true);
    return true;
  }

  void AddRow(const Table& row, FieldUse use) {
    if (!Begin(*row.message)) return;
    for (const Column& column : row.columns) AddColumnField(api_, column, use, writer_);
  }

  void AddRows(const pb::FieldDescriptor& field, const std::string& type,
               const std::string& type_file) {
    FileWriter::Field rows = FileWriter::OfMessage(field.name(), field.number(), type, type_file);
    rows.repeated = true;
    writer_.AddField(rows, "");
    writer_.CommentAsIs(writer_.FieldPath(), CommentOf(field));
  }

  void AddRequest() {
    Begin(Request());
    for (const Column& column : function_.request.columns) {
      AddColumnField(api_, column, FieldUse::kRequest, writer_);
    }
    for (const Function::List& list : function_.lists) {
      AddRows(*list.field, api_.Name(list.entry.message->name()), "");
    }
    if (!function_.read_only) {
      AddValidateOnly(writer_);
      AddRequestId(writer_);
    }
  }

  std::string AddReply() {
    const pb::Descriptor& reply = *function_.method->output_type();
    const bool of_table = function_.result != nullptr && function_.result != &function_.row;
    if (function_.result == nullptr || (of_table && !function_.many)) {
      writer_.Import(of_table ? api_.resources() : reply.file()->name());
      return of_table ? api_.Resource(*function_.result) : reply.full_name();
    }
    if (!of_table) AddRow(function_.row, FieldUse::kReply);
    if (function_.many && Begin(reply)) {
      AddRows(*reply.field(0), api_.Name(function_.result->message->name()),
              of_table ? api_.resources() : "");
    }
    return api_.Name(reply.name());
  }

  const ApiLayout& api_;
  const Function& function_;
  std::set<const pb::Descriptor*>& added_;
  FileWriter& writer_;
};

}  // namespace

void AddFunctionService(const ApiLayout& api, const pb::ServiceDescriptor& service,
                        const std::deque<Function>& functions,
                        std::set<const pb::Descriptor*>& added, FileWriter& writer) {
  writer.AddService(service.name(), LineOf(service));
  for (const Function& function : functions) {
    if (function.method->service() != &service) continue;
    FunctionWriter(api, function, added, writer).Write();
  }
}

}  // namespace tenantry::schema
