#include "server/migrate/pull_column.h"

#include <algorithm>
#include <cstdint>
#include <regex>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "server/migrate/pull_rules.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

constexpr char kTimestamp[] = "google.protobuf.Timestamp";
constexpr char kStruct[] = "google.protobuf.Struct";

// A type of PostgreSQL, and the field that holds its values. For some it is what comes nearest: the
// database that follows from the protos has another type there.
struct Known {
  absl::string_view name, field, column_type;
};
constexpr Known kKnown[] = {
    {"boolean", "bool", ""},
    {"integer", "int32", ""},
    {"smallint", "int32", ""},
    {"bigint", "int64", ""},
    {"real", "float", ""},
    {"double precision", "double", ""},
    {"text", "string", ""},
    {"character varying", "string", ""},
    {"character", "string", ""},
    {"uuid", "string", "COLUMN_TYPE_UUID"},
    {"numeric", "string", "COLUMN_TYPE_NUMERIC"},
    {"money", "string", "COLUMN_TYPE_NUMERIC"},
    {"date", "string", "COLUMN_TYPE_DATE"},
    {"bytea", "bytes", ""},
    {"timestamp with time zone", kTimestamp, ""},
    {"timestamp without time zone", kTimestamp, ""},
    {"jsonb", kStruct, ""},
    {"json", kStruct, ""},
};

// `numeric(10,2)` is `numeric` and `10,2`.
void SplitType(std::string text, std::string& name, std::string& modifier) {
  static const std::regex with_modifier("^([a-z ]+?)\\(([0-9,]+)\\)( .*)?$");
  std::smatch parts;
  if (std::regex_match(text, parts, with_modifier)) {
    modifier = parts[2];
    name = parts[1].str() + parts[3].str();
  } else {
    name = std::move(text);
  }
}

// The text of `'it''s'::text`, and nothing of what is no literal.
std::optional<std::string> LiteralOf(const std::string& sql) {
  static const std::regex quoted("^\\(?'((?:[^']|'')*)'\\)?(::.*)?$");
  static const std::regex plain("^\\(?(-?[0-9.]+|true|false)\\)?(::.*)?$");
  std::smatch parts;
  if (std::regex_match(sql, parts, quoted)) {
    return absl::StrReplaceAll(parts[1].str(), {{"''", "'"}});
  }
  if (std::regex_match(sql, parts, plain)) return parts[1].str();
  return std::nullopt;
}

class FieldMaker {
 public:
  FieldMaker(const v1::Column& column, const ColumnUse& use, const std::vector<PulledEnum>& enums)
      : column_(column), use_(use), enums_(enums) {}

  PulledColumn Make() {
    SetType();
    SetRules();
    SetManaged();
    SetDefault();
    SetPresence();
    return std::move(field_);
  }

 private:
  void Option(const std::string& text) { field_.options.push_back(text); }
  bool IsMessage() const { return field_.type == kTimestamp || field_.type == kStruct; }
  bool IsPlainNumber() const {
    return field_.type == "bool" || field_.type == "int32" || field_.type == "int64" ||
           field_.type == "float" || field_.type == "double";
  }

  void SetType() {
    std::string text = column_.type(), modifier;
    field_.repeated = absl::EndsWith(text, "[]");
    while (absl::EndsWith(text, "[]")) text.resize(text.size() - 2);
    for (const PulledEnum& type : enums_) {
      if (type.sql_name != text) continue;
      enum_ = &type;
      field_.type = "." + type.full_name;
      field_.keeps_rules = field_.repeated;
      return;
    }
    std::string name;
    SplitType(text, name, modifier);
    field_.type = "string";  // what nothing is known of
    const Known* known = nullptr;
    for (const Known& entry : kKnown) {
      if (entry.name == name) known = &entry;
    }
    if (known == nullptr) return;
    field_.type = std::string(known->field);
    if (IsUlid(name)) return Option("type: COLUMN_TYPE_ULID");
    if (!known->column_type.empty()) Option(absl::StrCat("type: ", known->column_type));
    field_.keeps_rules = !known->column_type.empty() && name != "uuid";
    field_.keeps_rules = field_.keeps_rules || IsMessage() || field_.repeated;
    if (modifier.empty()) return;
    if (name == "numeric") {
      const std::size_t comma = modifier.find(',');
      Option("precision: " + modifier.substr(0, comma));
      if (comma != std::string::npos) Option("scale: " + modifier.substr(comma + 1));
    } else if (field_.type == "string") {
      Option("max_length: " + modifier);
    }
    // A list of these would hold one object each.
    if (field_.repeated && field_.type == kStruct) field_.repeated = false;
  }

  bool IsUlid(const std::string& name) {
    const bool ulid = name == "text" && (column_.default_value() == "tenantry.ulid()" ||
                                         absl::StrContains(use_.check, "0-9A-HJKMNP-TV-Z"));
    field_.keeps_rules = field_.keeps_rules || ulid;
    return ulid;
  }

  void SetRules() {
    if (use_.check.empty() || enum_ != nullptr) return;
    for (std::string& option : RuleOptions(use_.check, TypeOfRules(), field_.repeated)) {
      Option(std::move(option));
      field_.check = use_.check;
    }
  }

  RuledType TypeOfRules() const {
    if (field_.type == kTimestamp) return RuledType::kTime;
    if (absl::StartsWith(column_.type(), "date")) return RuledType::kDate;
    if (absl::StartsWith(column_.type(), "numeric") || (IsPlainNumber() && field_.type != "bool")) {
      return RuledType::kNumber;
    }
    return field_.type == "string" ? RuledType::kText : RuledType::kOther;
  }

  void SetManaged() {
    const std::string& value = column_.default_value();
    if (use_.is_delete_time) {
      managed_ = "MANAGED_DELETE_TIME";
    } else if (use_.is_create_time) {
      managed_ = "MANAGED_CREATE_TIME";
    } else if (use_.is_update_time) {
      managed_ = "MANAGED_UPDATE_TIME";
    } else if (value == "tenantry.uuidv7()" || value == "tenantry.ulid()" ||
               value == "gen_random_uuid()" || value == "uuid_generate_v4()") {
      managed_ = "MANAGED_ID";
    }
    if (!managed_.empty()) Option("managed: " + managed_);
  }

  void SetDefault() {
    const std::string& value = column_.default_value();
    if (value.empty() || !managed_.empty() || field_.repeated) return;
    std::optional<std::string> literal = LiteralOf(value);
    if (field_.type == kTimestamp) {
      if (value == "now()" || value == "CURRENT_TIMESTAMP") {
        literal = "now()";
      } else if (literal) {
        literal = absl::StrReplaceAll(*literal, {{" ", "T"}, {"+00", "Z"}});
      }
    }
    if (field_.type == "bytes" && literal && absl::StartsWith(*literal, "\\x")) {
      literal = absl::HexStringToBytes(literal->substr(2));
    }
    if (enum_ != nullptr && literal) {
      const auto& values = enum_->values;
      auto found = std::find_if(values.begin(), values.end(),
                                [&](const auto& entry) { return entry.first == *literal; });
      if (found == values.end()) return;
      literal = found->second;
    }
    if (!literal || literal->empty()) return;
    Option(absl::StrCat("default_value: \"", absl::CEscape(*literal), "\""));
    has_default_ = true;
  }

  // Whether the field can be absent says whether the column may be NULL.
  void SetPresence() {
    if (field_.repeated || use_.is_delete_time || use_.is_create_time || use_.is_update_time)
      return;
    if (IsMessage()) {
      if (column_.not_null()) Option("not_null: true");
      return;
    }
    if (!column_.not_null()) {
      field_.optional = true;
    } else if (has_default_ && enum_ == nullptr) {
      field_.optional = true;
      Option("not_null: true");
    }
  }

  const v1::Column& column_;
  const ColumnUse& use_;
  const std::vector<PulledEnum>& enums_;
  const PulledEnum* enum_ = nullptr;
  std::string managed_;
  bool has_default_ = false;
  PulledColumn field_;
};

}  // namespace

PulledColumn FieldOf(const v1::Column& column, const ColumnUse& use,
                     const std::vector<PulledEnum>& enums) {
  return FieldMaker(column, use, enums).Make();
}

bool IsTimestamp(const v1::Column& column) {
  return absl::StartsWith(column.type(), "timestamp") && !absl::EndsWith(column.type(), "[]");
}

}  // namespace tenantry::migrate
