#include "server/schema/columns.h"

#include <array>
#include <limits>
#include <optional>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/schema/enums.h"
#include "server/schema/expressions.h"
#include "server/schema/naming.h"
#include "server/schema/options.h"
#include "server/schema/reserved.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;

// The limits of PostgreSQL for n in varchar(n) and for the precision of a numeric.
constexpr int kVarcharMax = 10485760;
constexpr int kPrecisionMax = 1000;
constexpr int kTransactionDigitsMax = 10;

constexpr std::array<absl::string_view, 6> kSystemColumns = {"tableoid", "xmin", "cmin",
                                                             "xmax",     "cmax", "ctid"};

class ColumnBuilder {
 public:
  ColumnBuilder(const FieldDescriptor& field, EnumTypes& enums, Reporter& reporter, Column& column)
      : field_(field),
        options_(ColumnOf(field)),
        enums_(enums),
        reporter_(reporter),
        column_(column) {}

  void Build() {
    column_.field = &field_;
    SetName();
    if (!SetType()) return;
    SetLengths();
    SetPrecision();
    SetBounds();
    SetSqlType();
    SetManaged();
    SetGenerated();
    SetFunction();
    SetNullability();
    if (column_.is_etag()) return SetEtag();
    column_.rules = RulesOf(column_);
    AddDeclaredRules();
    SetDefault();
    const bool has_default = !column_.default_sql.empty() && options_.min_items() == 0;
    column_.required_on_create = column_.not_null && !has_default &&
                                 column_.managed == v1::MANAGED_UNSPECIFIED && !IsMade() &&
                                 column_.absence_is_visible;
    SetVisibility();
  }

 private:
  void Report(absl::string_view description) { reporter_.Report(field_, description); }

  void SetName() {
    column_.name = options_.name().empty() ? field_.name() : options_.name();
    column_.sql_name = QuoteIdentifier(column_.name);
    if (field_.json_name() != JsonName(field_.name())) {
      Report("the API has JSON names made from field names alone: remove json_name");
    }
    // JSON clients write masks in camel case. They do not agree on a capital at the beginning: one
    // writes `_x`, another `x`.
    if (!absl::ascii_islower(field_.name()[0])) {
      Report(
          "rename the field to begin with a lower-case letter: JSON clients cannot name it in an "
          "update mask; the option `name` keeps the column's name");
    }
    if (std::string taken = WhyReserved(field_.name(), field_.number()); !taken.empty()) {
      Report(taken);
    }
    if (!IsSnakeIdentifier(column_.name)) {
      Report(absl::StrCat("column name `", column_.name, "` must be lower_snake_case"));
    } else if (column_.name.size() > kIdentifierBytesMax) {
      Report(absl::StrCat("column name has ", column_.name.size(), " bytes; at most ",
                          kIdentifierBytesMax, " are possible"));
    } else if (absl::c_linear_search(kSystemColumns, column_.name)) {
      Report(absl::StrCat("`", column_.name,
                          "` is a system column of PostgreSQL: give the column another name by the "
                          "option `name`"));
    }
  }

  bool SetType() {
    column_.array = field_.is_repeated();
    if (field_.is_map()) return Refuse("maps are not columns; use google.protobuf.Struct");
    if (field_.real_containing_oneof() != nullptr) {
      return Refuse("fields of a oneof are not columns; use optional fields");
    }
    std::optional<Type> type = TypeOfField();
    if (!type) return false;
    column_.type = *type;
    column_.absence_is_visible = field_.has_presence() || column_.array || EmptyIsAbsent();
    if (column_.array && field_.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
        column_.type == Type::kJson) {
      return Refuse("arrays of google.protobuf.Struct are not columns; use one Struct");
    }
    return true;
  }

  bool Refuse(absl::string_view description) {
    Report(description);
    return false;
  }

  std::optional<Type> TypeOfField() {
    switch (field_.type()) {
      case FieldDescriptor::TYPE_STRING:
        return TypeOfString();
      case FieldDescriptor::TYPE_BOOL:
        return Plain(Type::kBool);
      case FieldDescriptor::TYPE_INT32:
        return Plain(Type::kInt32);
      case FieldDescriptor::TYPE_INT64:
        return Plain(Type::kInt64);
      case FieldDescriptor::TYPE_FLOAT:
        return Plain(Type::kFloat);
      case FieldDescriptor::TYPE_DOUBLE:
        return Plain(Type::kDouble);
      case FieldDescriptor::TYPE_BYTES:
        return Plain(Type::kBytes);
      case FieldDescriptor::TYPE_ENUM:
        return TypeOfEnum();
      case FieldDescriptor::TYPE_MESSAGE:
        return TypeOfMessage();
      default:
        Report(absl::StrCat(field_.type_name(),
                            " is not a column type; of integers, int32 and int64 are"));
        return std::nullopt;
    }
  }

  Type Plain(Type type) {
    if (options_.type() != v1::COLUMN_TYPE_UNSPECIFIED) Report("type applies to string fields");
    return type;
  }

  Type TypeOfString() {
    switch (options_.type()) {
      case v1::COLUMN_TYPE_UUID:
        return Type::kUuid;
      case v1::COLUMN_TYPE_ULID:
        return Type::kUlid;
      case v1::COLUMN_TYPE_NUMERIC:
        return Type::kNumeric;
      case v1::COLUMN_TYPE_DATE:
        return Type::kDate;
      case v1::COLUMN_TYPE_UNSPECIFIED:
        return Type::kText;
      default:
        Report(absl::StrCat("type ", static_cast<int>(options_.type()), " is unknown"));
        return Type::kText;
    }
  }

  std::optional<Type> TypeOfEnum() {
    if (field_.enum_type()->file()->package() == "google.protobuf") {
      Report(absl::StrCat(field_.enum_type()->full_name(), " is not a column type"));
      return std::nullopt;
    }
    column_.enum_type = enums_.Get(*field_.enum_type());
    return Plain(Type::kEnum);
  }

  std::optional<Type> TypeOfMessage() {
    const std::string& name = field_.message_type()->full_name();
    if (name == "google.protobuf.Timestamp") return Plain(Type::kTimestamp);
    if (name == "google.protobuf.Struct") return Plain(Type::kJson);
    Report(absl::StrCat("message ", name,
                        " is not a column type; of messages, google.protobuf.Timestamp and "
                        "google.protobuf.Struct are"));
    return std::nullopt;
  }

  // Strings, bytes and enums of proto3 have a zero that no stored value needs.
  bool EmptyIsAbsent() const {
    return field_.cpp_type() == FieldDescriptor::CPPTYPE_STRING ||
           field_.cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
  }

  void SetLengths() {
    column_.length_max = options_.max_length();
    column_.length_min = options_.min_length();
    CheckLength("max_length", column_.length_max);
    CheckLength("min_length", column_.length_min);
    if (column_.array && column_.length_min > 0) {
      Report("min_length does not apply to repeated fields");
    }
    if (column_.length_max > 0 && column_.length_min > column_.length_max) {
      Report(absl::StrCat("min_length ", column_.length_min, " is above max_length ",
                          column_.length_max));
    }
  }

  void CheckLength(absl::string_view option, int value) {
    if (value == 0) return;
    if (field_.type() != FieldDescriptor::TYPE_STRING) {
      Report(absl::StrCat(option, " applies to string fields"));
    } else if (column_.type != Type::kText) {
      Report(absl::StrCat(option, " applies to text, not to ", DescribeType(column_)));
    } else if (value < 0 || value > kVarcharMax) {
      Report(absl::StrCat(option, " must be between 0 and ", kVarcharMax));
    }
  }

  void SetPrecision() {
    column_.precision = options_.precision();
    column_.scale = options_.scale();
    if (column_.precision == 0 && column_.scale == 0) return;
    if (column_.type != Type::kNumeric) {
      Report("precision and scale apply to COLUMN_TYPE_NUMERIC");
    } else if (column_.precision < 1 || column_.precision > kPrecisionMax) {
      Report(absl::StrCat("precision must be between 1 and ", kPrecisionMax));
    } else if (column_.scale < 0 || column_.scale > column_.precision) {
      Report("scale must be between 0 and precision");
    }
  }

  void SetBounds() {
    if (options_.has_minimum()) column_.minimum = options_.minimum();
    if (options_.has_maximum()) column_.maximum = options_.maximum();
    CheckBound("minimum", column_.minimum);
    CheckBound("maximum", column_.maximum);
    if (column_.minimum && column_.maximum && *column_.minimum > *column_.maximum) {
      Report(absl::StrCat("minimum ", *column_.minimum, " is above maximum ", *column_.maximum));
    }
  }

  void CheckBound(absl::string_view option, std::optional<std::int64_t> value) {
    if (!value) return;
    if (!InfoOf(column_.type).is_number || column_.array) {
      Report(absl::StrCat(option, " applies to single numbers"));
    } else if (column_.type == Type::kInt32 && *value != static_cast<std::int32_t>(*value)) {
      Report(absl::StrCat(option, " ", *value, " does not fit int32"));
    }
  }

  void AddDeclaredRules() {
    AddBound("gt", RuleKind::kAbove, options_.gt());
    AddBound("gte", RuleKind::kFrom, options_.gte());
    AddBound("lt", RuleKind::kBelow, options_.lt());
    AddBound("lte", RuleKind::kUpTo, options_.lte());
    if (!options_.pattern().empty()) Add("pattern", MakePattern(column_, options_.pattern()));
    if (options_.format() != v1::FORMAT_UNSPECIFIED) {
      auto rules = MakeFormat(column_, options_.format());
      if (!rules.ok()) return Report(absl::StrCat("format ", rules.status().message()));
      column_.rules.insert(column_.rules.end(), rules->begin(), rules->end());
    }
    if (!options_.in().empty()) {
      Add("in", MakeOneOf(column_, {options_.in().begin(), options_.in().end()}));
    }
    AddSizes();
    CheckForContradiction();
  }

  void Add(absl::string_view option, absl::StatusOr<Rule> rule) {
    if (!rule.ok()) return Report(absl::StrCat(option, " ", rule.status().message()));
    column_.rules.push_back(*std::move(rule));
  }

  void AddBound(absl::string_view option, RuleKind kind, const std::string& literal) {
    if (literal.empty()) return;
    // PostgreSQL takes NaN for more than any bound.
    const bool is_float = column_.type == Type::kFloat || column_.type == Type::kDouble;
    const bool is_finite = absl::c_any_of(
        column_.rules, [](const Rule& rule) { return rule.kind == RuleKind::kFinite; });
    if (is_float && !is_finite) column_.rules.push_back({RuleKind::kFinite});
    Add(option, MakeBound(column_, kind, literal));
  }

  void AddSizes() {
    const int least = options_.min_items(), most = options_.max_items();
    if (least == 0 && most == 0) return;
    if (!column_.array) return Report("min_items and max_items apply to repeated fields");
    if (least < 0 || most < 0) return Report("min_items and max_items are never negative");
    if (most > 0 && least > most) {
      Report(absl::StrCat("min_items ", least, " is above max_items ", most));
    }
    if (least > 0) column_.rules.push_back({RuleKind::kItemsMin, least});
    if (most > 0) column_.rules.push_back({RuleKind::kItemsMax, most});
  }

  // A lower bound above an upper one, where both are given by literals.
  void CheckForContradiction() {
    for (const Rule& low : column_.rules) {
      if (low.kind != RuleKind::kAbove && low.kind != RuleKind::kFrom) continue;
      for (const Rule& high : column_.rules) {
        if (high.kind != RuleKind::kBelow && high.kind != RuleKind::kUpTo) continue;
        const int order = CompareValues(low.detail->bound.value, high.detail->bound.value);
        const bool both = low.kind == RuleKind::kFrom && high.kind == RuleKind::kUpTo;
        if (order < 0 || (order == 0 && both)) continue;
        Report(absl::StrCat(
            "no value is both ", low.kind == RuleKind::kFrom ? "at least " : "above ",
            *low.detail->bound.text, high.kind == RuleKind::kUpTo ? " and at most " : " and below ",
            *high.detail->bound.text));
      }
    }
  }

  void SetSqlType() {
    column_.sql_type = DescribeType(column_);
    if (column_.array) column_.sql_type.resize(column_.sql_type.size() - 2);
    if (column_.type == Type::kUlid) column_.sql_type = "text";
    if (column_.type == Type::kText && column_.length_max > 0) {
      column_.sql_type = absl::StrCat("varchar(", column_.length_max, ")");
    }
    if (column_.type == Type::kNumeric && column_.precision > 0) {
      column_.sql_type = absl::StrCat("numeric(", column_.precision, ",", column_.scale, ")");
    }
  }

  void SetManaged() {
    column_.managed = options_.managed();
    column_.immutable = options_.immutable();
    column_.stored = column_.managed != v1::MANAGED_ETAG;
    column_.output_only = IsManagedTime(column_.managed) || !column_.stored;
    if (column_.managed == v1::MANAGED_UNSPECIFIED) return;
    if (!v1::Managed_IsValid(column_.managed)) {
      Report(absl::StrCat("managed ", static_cast<int>(column_.managed), " is unknown"));
    } else if (column_.managed == v1::MANAGED_ID) {
      if (column_.array || (column_.type != Type::kUuid && column_.type != Type::kUlid)) {
        Report("MANAGED_ID applies to columns of type COLUMN_TYPE_UUID or COLUMN_TYPE_ULID");
      }
    } else if (!column_.stored) {
      const bool plain = column_.type == Type::kText && !column_.array && !field_.has_presence();
      if (!plain) Report("MANAGED_ETAG applies to string fields, neither repeated nor optional");
    } else if (column_.array || column_.type != Type::kTimestamp) {
      Report(absl::StrCat(v1::Managed_Name(column_.managed),
                          " applies to google.protobuf.Timestamp fields"));
    }
    if (column_.output_only && column_.immutable) {
      Report("immutable says nothing about a managed column: callers never set it");
    }
  }

  // What is computed is in no request, so that its length in a reply must be known otherwise.
  void SetGenerated() {
    column_.generated_sql = options_.generated();
    if (column_.generated_sql.empty()) return;
    column_.output_only = true;
    if (auto why = WhyNoExpression(column_.generated_sql)) {
      Report(absl::StrCat("generated: the expression ", *why));
    }
    if (column_.managed != v1::MANAGED_UNSPECIFIED || options_.immutable() ||
        !options_.default_value().empty()) {
      Report(
          "a generated column is what the database computes: neither managed nor immutable, and "
          "without a default_value");
    }
    CheckSize("a generated column", "a generated text");
  }

  void CheckSize(absl::string_view column, absl::string_view text) {
    const bool long_text = column_.type == Type::kText && column_.length_max == 0;
    if (column_.array || long_text || column_.type == Type::kJson || column_.type == Type::kBytes) {
      Report(absl::StrCat(column, " is no list, no bytes and no JSON, and ", text,
                          " has a max_length"));
    }
  }

  bool IsMade() const { return !column_.generated_sql.empty() || column_.is_computed(); }

  void SetFunction() {
    const std::string& name = options_.function();
    if (name.empty()) return;
    if (!IsSnakeIdentifier(name) || name.size() > kIdentifierBytesMax) {
      return Report(absl::StrCat("function `", name, "` must be lower_snake_case, at most ",
                                 kIdentifierBytesMax, " bytes"));
    }
    v1::ColumnOptions others = options_;
    others.clear_function();
    others.clear_type();
    others.clear_max_length();
    others.clear_precision();
    others.clear_scale();
    others.clear_filterable();
    if (others.ByteSizeLong() > 0) {
      Report(
          "a computed field is what its function makes of the row: of the options it takes type, "
          "max_length, precision, scale and filterable");
    }
    CheckSize("a computed field", "a computed text");
    column_.function = QuoteQualified(NamespaceOf(*field_.file()), name);
    column_.stored = false;
    column_.output_only = true;
  }

  // PostgreSQL keeps with every row which transaction wrote it, whoever that was. Nothing that the
  // options of a column say applies to it.
  void SetEtag() {
    v1::ColumnOptions others = options_;
    others.clear_managed();
    others.clear_immutable();  // which is refused for all that callers never set
    if (others.ByteSizeLong() > 0) Report("MANAGED_ETAG takes no other option");
    column_.sql_name = "xmin";
    column_.length_max = kTransactionDigitsMax;
  }

  void SetNullability() {
    bool always_set =
        column_.managed == v1::MANAGED_CREATE_TIME || column_.managed == v1::MANAGED_UPDATE_TIME;
    column_.not_null =
        !column_.is_computed() && (!field_.has_presence() || options_.not_null() || always_set);
    if (!options_.not_null()) return;
    if (column_.managed == v1::MANAGED_DELETE_TIME) {
      Report("a delete time is NULL until the row is deleted: it cannot be not_null");
    } else if (!field_.has_presence() || always_set) {
      Report("not_null says nothing here: the column is NOT NULL already");
    }
  }

  void SetDefault() {
    const std::string& literal = options_.default_value();
    if (IsMade()) return;
    if (column_.managed != v1::MANAGED_UNSPECIFIED) {
      if (!literal.empty()) Report("a managed column has no default_value");
      // This default is for rows that are written by plain SQL. The server makes identifiers
      // itself.
      if (column_.managed == v1::MANAGED_ID) {
        column_.default_sql = column_.type == Type::kUlid ? "tenantry.ulid()" : "tenantry.uuidv7()";
      }
      if (IsManagedTime(column_.managed) && column_.not_null) column_.default_sql = "now()";
      return;
    }
    if (column_.array) {
      if (!literal.empty()) Report("a repeated field's default is the empty array");
      column_.default_sql = absl::StrCat("'{}'::", column_.sql_type, "[]");
      return;
    }
    if (literal.empty()) return;
    if (!column_.absence_is_visible) {
      Report("a default needs a field that can be absent: declare it optional");
      return;
    }
    auto expression = InfoOf(column_.type).default_expression(column_, literal);
    if (!expression.ok()) return Report(expression.status().message());
    column_.default_sql = *expression;
  }

  void SetVisibility() {
    column_.visibility = options_.visibility();
    if (!v1::Visibility_IsValid(column_.visibility)) Report("unknown visibility");
    if (column_.visibility == v1::VISIBILITY_INPUT_ONLY && column_.output_only) {
      Report("the server sets this column itself: VISIBILITY_INPUT_ONLY does not fit");
    }
    column_.filterable = options_.filterable();
    if (column_.filterable && !column_.is_readable()) {
      Report("callers do not see this column, so no filter has it: remove filterable");
    }
    const bool always_given =
        !column_.not_null || !column_.default_sql.empty() || !column_.generated_sql.empty();
    if (column_.is_hidden() && !always_given) {
      Report("a hidden column allows NULL or has a default_value, since Create cannot set it");
    }
  }

  const FieldDescriptor& field_;
  const v1::ColumnOptions options_;
  EnumTypes& enums_;
  Reporter& reporter_;
  Column& column_;
};

std::string ElementType(const Column& column) {
  if (column.enum_type != nullptr) return column.enum_type->sql_name;
  return std::string(InfoOf(column.type).name);
}

}  // namespace

void BuildColumn(const FieldDescriptor& field, EnumTypes& enums, Reporter& reporter,
                 Column& column) {
  ColumnBuilder(field, enums, reporter, column).Build();
}

std::string DescribeType(const Column& column) {
  return absl::StrCat(ElementType(column), column.array ? "[]" : "");
}

std::string PlainType(const Column& column) {
  return column.type == Type::kUlid ? absl::StrCat("text", column.array ? "[]" : "")
                                    : DescribeType(column);
}

bool IsManagedTime(v1::Managed managed) {
  return managed == v1::MANAGED_CREATE_TIME || managed == v1::MANAGED_UPDATE_TIME ||
         managed == v1::MANAGED_DELETE_TIME;
}

}  // namespace tenantry::schema
