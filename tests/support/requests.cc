// Requests for any derived method.
#include "server/schema/kinds.h"
#include "server/schema/methods.h"
#include "tests/support/operand.h"
#include "tests/support/rows.h"
#include "tests/support/saas_schema.h"

namespace tenantry::test {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using schema::Column;
using schema::Table;

namespace {

void CopyKey(const Table& table, const Message& row, Message& request) {
  for (std::size_t i = 0; i < table.primary_key.size(); ++i) {
    const FieldDescriptor* to = request.GetDescriptor()->FindFieldByNumber(static_cast<int>(i) + 1);
    CopyValue(row, *table.primary_key[i]->api, request, *to);
  }
}

void CopyRow(const Message& row, std::string_view name, Message& request) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(std::string(name));
  request.GetReflection()->MutableMessage(&request, field)->CopyFrom(row);
}

bool HasRow(const schema::Method& method, const google::protobuf::Descriptor& request) {
  return request.FindFieldByNumber(1)->message_type() == method.table->resource;
}

}  // namespace

MessagePtr RequestAbout(const schema::Method& method, const Message& row) {
  const google::protobuf::Descriptor& request = *method.descriptor->input_type();
  if (method.kind == v1::METHOD_KIND_LIST) return ListRequest(method, {});
  if (method.kind == v1::METHOD_KIND_AGGREGATE) return AggregateRequest(method, {});
  if (method.kind == v1::METHOD_KIND_EXPORT) return ExportRequest(method, {});
  if (method.kind == v1::METHOD_KIND_IMPORT) return ImportRequest(method, {&row});
  if (schema::FindKind(method.kind)->filters) {
    return ManyRequest(method, {.filter = method.table->primary_key, .row = &row});
  }
  if (request.FindFieldByNumber(1)->is_repeated()) return BatchRequest(method, {&row});
  return HasRow(method, request) ? RowRequest(method, row) : KeyRequest(method, row);
}

MessagePtr KeyRequest(const schema::Method& method, const Message& row) {
  MessagePtr request = testing::NewMessage(*method.descriptor->input_type());
  CopyKey(*method.table, row, *request);
  return request;
}

MessagePtr RowRequest(const schema::Method& method, const Message& row,
                      const std::vector<std::string>& mask, int conflict_key) {
  MessagePtr request = testing::NewMessage(*method.descriptor->input_type());
  CopyRow(row, method.table->field_name, *request);
  if (!mask.empty()) {
    const FieldDescriptor* field = request->GetDescriptor()->FindFieldByName("update_mask");
    Message* paths = request->GetReflection()->MutableMessage(request.get(), field);
    for (const std::string& path : mask) {
      paths->GetReflection()->AddString(paths, paths->GetDescriptor()->FindFieldByNumber(1), path);
    }
  }
  if (conflict_key != 0) {
    const FieldDescriptor* field = request->GetDescriptor()->FindFieldByName("conflict_key");
    request->GetReflection()->SetEnumValue(request.get(), field, conflict_key);
  }
  return request;
}

MessagePtr BatchRequest(const schema::Method& method, const std::vector<const Message*>& rows) {
  MessagePtr request = testing::NewMessage(*method.descriptor->input_type());
  const FieldDescriptor* field = request->GetDescriptor()->FindFieldByNumber(1);
  for (const Message* row : rows) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      CopyValue(*row, *method.table->primary_key[0]->api, *request, *field);
      continue;
    }
    Message* entry = request->GetReflection()->AddMessage(request.get(), field);
    if (HasRow(method, *field->message_type())) {
      CopyRow(*row, method.table->field_name, *entry);
    } else {
      CopyKey(*method.table, *row, *entry);
    }
  }
  return request;
}

namespace {

void AddTerm(const Column& column, const char* name, const Message& row, Message& filter) {
  const FieldDescriptor* term = filter.GetDescriptor()->FindFieldByNumber(column.number());
  Message* operators = filter.GetReflection()->MutableMessage(&filter, term);
  SetOperand(column, operators->GetDescriptor()->FindFieldByName(name), row, *operators);
}

}  // namespace

MessagePtr ManyRequest(const schema::Method& method, const ManyOptions& options) {
  namespace number = schema::field_number;
  MessagePtr request = testing::NewMessage(*method.descriptor->input_type());
  const Reflection& r = *request->GetReflection();
  const auto field = [&](int at) { return request->GetDescriptor()->FindFieldByNumber(at); };
  Message& filter = *r.MutableMessage(request.get(), field(number::kManyFilter));
  for (const Column* column : options.filter) AddTerm(*column, "eq", *options.row, filter);
  r.SetInt64(request.get(), field(number::kManyMaxAffected), options.max_affected);
  r.SetBool(request.get(), field(number::kValidateOnly), options.validate_only);
  if (field(number::kManyResource) != nullptr) {
    r.MutableMessage(request.get(), field(number::kManyResource))->CopyFrom(*options.row);
  }
  return request;
}

std::int64_t AffectedOf(const Message& reply) {
  return reply.GetReflection()->GetInt64(
      reply, reply.GetDescriptor()->FindFieldByNumber(schema::field_number::kAffected));
}

MessagePtr ListRequest(const schema::Method& method, const ListOptions& options) {
  MessagePtr request = testing::NewMessage(*method.descriptor->input_type());
  const auto field = [](const Message& message, const char* name) {
    return message.GetDescriptor()->FindFieldByName(name);
  };
  const Reflection* r = request->GetReflection();
  r->SetInt32(request.get(), field(*request, "page_size"), options.page_size);
  r->SetString(request.get(), field(*request, "page_token"), options.page_token);
  if (options.filter != nullptr) {
    AddTerm(*options.filter, options.filter_operator, *options.filter_row,
            *r->MutableMessage(request.get(), field(*request, "filter")));
  }
  if (options.order != nullptr) {
    Message* order = r->AddMessage(request.get(), field(*request, "order_by"));
    order->GetReflection()->SetEnumValue(order, field(*order, "field"), options.order->number());
    order->GetReflection()->SetEnumValue(order, field(*order, "direction"),
                                         options.descending ? 2 : 1);
  }
  if (options.show_deleted) r->SetBool(request.get(), field(*request, "show_deleted"), true);
  if (options.relations > 0) SelectRelations(options.relations, *request);
  return request;
}

MessagePtr ImportRequest(const schema::Method& method, const std::vector<const Message*>& rows) {
  MessagePtr request = testing::NewMessage(*method.descriptor->input_type());
  const auto field = [&](int number) {
    return request->GetDescriptor()->FindFieldByNumber(number);
  };
  for (const Message* row : rows) {
    request->GetReflection()
        ->AddMessage(request.get(), field(schema::field_number::kImportRows))
        ->CopyFrom(*row);
  }
  request->GetReflection()->SetBool(request.get(), field(schema::field_number::kImportLast), true);
  return request;
}

MessagePtr ExportRequest(const schema::Method& method, const ExportOptions& options) {
  MessagePtr request = testing::NewMessage(*method.descriptor->input_type());
  const auto field = [&](const char* name) {
    return request->GetDescriptor()->FindFieldByName(name);
  };
  const Reflection* r = request->GetReflection();
  r->SetString(request.get(), field("resume_token"), options.resume_token);
  if (options.show_deleted) r->SetBool(request.get(), field("show_deleted"), true);
  if (options.relations > 0) SelectRelations(options.relations, *request);
  return request;
}

// By numbers (tenantry/v1/api.proto): a relation may have any name.
MessagePtr AggregateRequest(const schema::Method& method, const AggregateOptions& options) {
  namespace number = schema::field_number;
  MessagePtr request = testing::NewMessage(*method.descriptor->input_type());
  const auto add = [&](int list) {
    return request->GetReflection()->AddMessage(request.get(),
                                                request->GetDescriptor()->FindFieldByNumber(list));
  };
  const auto set = [](Message* message, int field, int value) {
    message->GetReflection()->SetEnumValue(
        message, message->GetDescriptor()->FindFieldByNumber(field), value);
  };
  if (options.group != nullptr) {
    Message* entry = add(number::kAggregateGroupBy);
    if (options.relation != nullptr) {
      entry = entry->GetReflection()->MutableMessage(
          entry, entry->GetDescriptor()->FindFieldByNumber(options.relation->number));
    }
    set(entry, number::kGroupByField, options.group->number());
  }
  Message* measure = add(number::kAggregateMeasures);
  set(measure, number::kMeasureFunction, options.function);
  if (options.field != nullptr) set(measure, number::kMeasureField, options.field->number());
  request->GetReflection()->SetInt32(
      request.get(), request->GetDescriptor()->FindFieldByNumber(number::kAggregateLimit), 1000);
  return request;
}

namespace {

// `select` is an XSelect.
void SelectAll(int levels, Message& select) {
  if (levels == 0) return;
  for (int i = 0; i < select.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* relation = select.GetDescriptor()->field(i);
    if (relation->message_type() == nullptr ||
        relation->number() == schema::field_number::kAggregates) {
      continue;
    }
    Message* chosen = select.GetReflection()->MutableMessage(&select, relation);
    const auto& type = *chosen->GetDescriptor();
    if (!type.name().ends_with("ListSelect")) {
      SelectAll(levels - 1, *chosen);
      continue;
    }
    // Few rows, so that the whole tree stays within the server's limit of rows.
    chosen->GetReflection()->SetInt32(chosen, type.FindFieldByName("limit"), 20);
    if (const FieldDescriptor* deleted = type.FindFieldByName("show_deleted")) {
      chosen->GetReflection()->SetBool(chosen, deleted, true);
    }
    SelectAll(levels - 1,
              *chosen->GetReflection()->MutableMessage(chosen, type.FindFieldByName("select")));
  }
}

}  // namespace

bool SelectRelations(int levels, Message& request) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("select");
  if (field == nullptr || field->message_type() == nullptr) return false;
  SelectAll(levels, *request.GetReflection()->MutableMessage(&request, field));
  return true;
}

std::vector<const Message*> RowsOf(const Message& reply) {
  const FieldDescriptor* field = reply.GetDescriptor()->FindFieldByNumber(1);
  std::vector<const Message*> rows;
  for (int i = 0; i < reply.GetReflection()->FieldSize(reply, field); ++i) {
    rows.push_back(&reply.GetReflection()->GetRepeatedMessage(reply, field, i));
  }
  return rows;
}

std::map<std::string, v1::AggregateValue> AggregatesIn(const Message& message, int field) {
  std::map<std::string, v1::AggregateValue> values;
  const FieldDescriptor* map = message.GetDescriptor()->FindFieldByNumber(field);
  const FieldDescriptor* name = map->message_type()->map_key();
  const FieldDescriptor* value = map->message_type()->map_value();
  for (int i = 0, n = message.GetReflection()->FieldSize(message, map); i < n; ++i) {
    const Message& entry = message.GetReflection()->GetRepeatedMessage(message, map, i);
    values[entry.GetReflection()->GetString(entry, name)].ParseFromString(
        entry.GetReflection()->GetMessage(entry, value).SerializeAsString());
  }
  return values;
}

v1::AggregateValue OnlyMeasure(const Message& group) {
  const auto values = AggregatesIn(group, schema::field_number::kGroupValues);
  return values.size() == 1 ? values.begin()->second : v1::AggregateValue();
}

std::string NextPageToken(const Message& reply) {
  return reply.GetReflection()->GetString(
      reply, reply.GetDescriptor()->FindFieldByName("next_page_token"));
}

std::string ResumeToken(const Message& reply) {
  return reply.GetReflection()->GetString(reply,
                                          reply.GetDescriptor()->FindFieldByName("resume_token"));
}

}  // namespace tenantry::test
