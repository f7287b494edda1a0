// Turns the values of a validated request into binary parameters.

#include "server/codec/codec.h"
#include "server/codec/pg_binary.h"
#include "server/codec/value_codec.h"
#include "server/plan/value.h"

namespace tenantry::codec {
namespace {

using google::protobuf::Message;
using plan::Call;
using plan::Value;
using schema::Column;
using schema::Type;

constexpr std::uint32_t kTextOid = 25;

// Writes an array; elements are added in order.
class ArrayWriter {
 public:
  ArrayWriter(std::string& out, std::uint32_t element_oid, int size)
      : out_(out), start_(out.size()) {
    AppendBigEndian<std::int32_t>(out_, size == 0 ? 0 : 1);
    AppendBigEndian<std::int32_t>(out_, 0);
    AppendBigEndian(out_, element_oid);
    if (size == 0) return;
    AppendBigEndian<std::int32_t>(out_, size);
    AppendBigEndian<std::int32_t>(out_, 1);
  }

  void AddNull() {
    AppendBigEndian<std::int32_t>(out_, -1);
    WriteBigEndian<std::int32_t>(1, out_.data() + start_ + 4);
  }

  template <typename Append>
  void Add(Append append) {
    const std::size_t size_at = out_.size();
    AppendBigEndian<std::int32_t>(out_, 0);
    append(out_);
    WriteBigEndian(static_cast<std::int32_t>(out_.size() - size_at - 4), out_.data() + size_at);
  }

 private:
  std::string& out_;
  std::size_t start_;
};

void AddElement(const Column& column, const Value& repeated, int index, ArrayWriter& array) {
  static const plan::JsonTexts kNoJson;  // arrays of jsonb are refused by the schema's lint
  array.Add([&](std::string& bytes) {
    CodecOf(column).bind(column, {repeated.message, repeated.field, index}, kNoJson, bytes);
  });
}

void AppendArray(const Column& column, const Value& repeated, std::string& out) {
  const int size = repeated.size();
  ArrayWriter array(out, schema::InfoOf(column.type).transport_oid, size);
  for (int i = 0; i < size; ++i) AddElement(column, repeated, i, array);
}

// The elements at these places only.
void AppendSome(const Column& column, const Value& repeated, const std::vector<int>& indexes,
                std::string& out) {
  ArrayWriter array(out, schema::InfoOf(column.type).transport_oid,
                    static_cast<int>(indexes.size()));
  for (int index : indexes) AddElement(column, repeated, index, array);
}

void AppendArrayText(const Column& column, const Value& repeated, std::string& out) {
  out.push_back('{');
  for (int i = 0, n = repeated.size(); i < n; ++i) {
    if (i > 0) out.push_back(',');
    CodecOf(column).bind_element(column, {repeated.message, repeated.field, i}, out);
  }
  out.push_back('}');
}

// PostgreSQL manual, "Pattern Matching".
void AppendPattern(const plan::PatternValue& pattern, std::string& out) {
  std::string scratch;
  if (pattern.any_before) out.push_back('%');
  for (char c : pattern.text.as_string(scratch)) {
    if (c == '%' || c == '_' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  if (pattern.any_after) out.push_back('%');
}

void AppendGeneratedId(const Column& column, IdGenerator& ids, std::string& out) {
  if (column.type == Type::kUuid) {
    const auto id = ids.UuidV7();
    out.append(reinterpret_cast<const char*>(id.data()), id.size());
  } else {
    char id[26];
    ids.Ulid(id);
    out.append(id, sizeof(id));
  }
}

bool IsGeneratedId(const Column& column) { return column.managed == v1::MANAGED_ID; }

class Binder {
 public:
  Binder(Call& call, const plan::Statement& statement, const identity::TenantId& tenant,
         IdGenerator& ids, SqlParams& params)
      : call_(call), statement_(statement), tenant_(tenant), ids_(ids), params_(params) {}

  void operator()(plan::TenantValue) {
    params_.AddBinary({reinterpret_cast<const char*>(tenant_.bytes().data()), 16});
  }
  void operator()(const plan::FieldValue& field) { BindValue(*field.column, field.value); }
  void operator()(const plan::EntriesValue& entries) {
    Write([&](std::string& out) {
      AppendSome(*entries.column, entries.value, statement_.keys, out);
    });
  }
  void operator()(const plan::RowsValue& rows) {
    const auto cell = [&](std::size_t i) {
      return plan::FieldValue{rows.column, {HolderOf(rows, i), rows.field}};
    };
    Write([&](std::string& out) { AppendCells(*rows.column, statement_.rows.size(), cell, out); });
  }
  void operator()(const plan::CellsValue& value) {
    const auto cell = [&](std::size_t i) -> const plan::FieldValue& { return value.cells[i]; };
    Write([&](std::string& out) {
      AppendCells(*value.cells[0].column, value.cells.size(), cell, out);
    });
  }
  void operator()(plan::FlagsValue flags) {
    Write([&](std::string& out) {
      const std::vector<bool>& all = statement_.flags[static_cast<std::size_t>(flags.index)];
      ArrayWriter array(out, schema::InfoOf(Type::kBool).transport_oid,
                        static_cast<int>(all.size()));
      for (const bool flag : all) {
        array.Add([flag](std::string& bytes) { bytes.push_back(flag ? 1 : 0); });
      }
    });
  }
  void operator()(const plan::MembersValue& members) {
    const Value& list = members.list;
    const auto cell = [&](std::size_t i) {
      const Message& entry = list.message->GetReflection()->GetRepeatedMessage(
          *list.message, list.field, static_cast<int>(i));
      return plan::FieldValue{members.column, {&entry, members.column->api}};
    };
    Write([&](std::string& out) {
      AppendCells(*members.column, static_cast<std::size_t>(list.size()), cell, out);
    });
  }
  void operator()(plan::CursorValue cursor) { params_.AddBinary(*call_.cursor[cursor.position]); }
  void operator()(const plan::PatternValue& pattern) {
    Write([&](std::string& out) { AppendPattern(pattern, out); });
  }
  void operator()(plan::BytesValue value) { params_.AddBinary(value.bytes); }
  void operator()(plan::IntegerValue integer) {
    Write([&](std::string& out) { AppendBigEndian(out, integer.value); });
  }

 private:
  template <typename Append>
  void Write(Append append) {
    const std::size_t offset = params_.bytes().size();
    append(params_.bytes());
    params_.CloseBinary(offset);
  }

  void BindValue(const Column& column, const Value& value) {
    if (value.field->is_repeated()) {
      Write([&](std::string& out) { AppendArray(column, value, out); });
    } else if (IsPresent(value)) {
      Write([&](std::string& out) { CodecOf(column).bind(column, value, call_.json, out); });
    } else if (IsGeneratedId(column)) {
      Write([&](std::string& out) { AppendNewId(column, *value.message, out); });
    } else {
      params_.AddNull();
    }
  }

  // The message of the row that has the value; null where the row has none for the column.
  const Message* HolderOf(const plan::RowsValue& rows, std::size_t index) const {
    if (rows.chosen >= 0 && !statement_.flags[static_cast<std::size_t>(rows.chosen)][index]) {
      return nullptr;
    }
    const Message& row = *statement_.rows[index];
    if (rows.holder == nullptr) return &row;
    const auto& reflection = *row.GetReflection();
    return reflection.HasField(row, rows.holder) ? &reflection.GetMessage(row, rows.holder)
                                                 : nullptr;
  }

  // An array with an element for each of the cells, all of the column's type.
  template <typename CellAt>
  void AppendCells(const Column& type, std::size_t size, CellAt cell_at, std::string& out) {
    ArrayWriter array(out, type.array ? kTextOid : schema::InfoOf(type.type).transport_oid,
                      static_cast<int>(size));
    for (std::size_t i = 0; i < size; ++i) {
      const plan::FieldValue& cell = cell_at(i);
      const Column& column = *cell.column;
      if (cell.value.message == nullptr) {
        array.AddNull();
      } else if (column.array) {
        array.Add([&](std::string& bytes) { AppendArrayText(column, cell.value, bytes); });
      } else if (IsPresent(cell.value)) {
        array.Add([&](std::string& bytes) {
          CodecOf(column).bind(column, cell.value, call_.json, bytes);
        });
      } else if (IsGeneratedId(column)) {
        array.Add([&](std::string& bytes) { AppendNewId(column, *cell.value.message, bytes); });
      } else {
        array.AddNull();
      }
    }
  }

  // The same whenever the call asks for it, where rows refer to each other.
  void AppendNewId(const Column& column, const Message& row, std::string& out) {
    if (!call_.new_ids.has_value()) return AppendGeneratedId(column, ids_, out);
    std::string& id = (*call_.new_ids)[{&row, &column}];
    if (id.empty()) AppendGeneratedId(column, ids_, id);
    out.append(id);
  }

  Call& call_;
  const plan::Statement& statement_;
  const identity::TenantId& tenant_;
  IdGenerator& ids_;
  SqlParams& params_;
};

}  // namespace

void BindParameters(Call& call, const plan::Statement& statement, const identity::TenantId& tenant,
                    IdGenerator& ids, SqlParams& params) {
  Binder binder(call, statement, tenant, ids, params);
  for (const plan::CallValue& value : statement.values) std::visit(binder, value);
}

}  // namespace tenantry::codec
