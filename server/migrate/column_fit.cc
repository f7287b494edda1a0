#include "server/migrate/column_fit.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace tenantry::migrate {
namespace {

// The element type's name; an array's begins with an underscore.
absl::string_view ElementName(const TypeName& type) {
  absl::string_view name = type.name;
  absl::ConsumePrefix(&name, "_");
  return name;
}

bool IsArray(const TypeName& type) { return absl::StartsWith(type.name, "_"); }

bool IsText(absl::string_view name) { return name == "text" || name == "varchar"; }

// Both are text or varchar, whose values look alike to a client. Without a modifier there is no
// limit.
bool HoldsText(const TypeName& found, const TypeName& wanted) {
  if (found.modifier.empty()) return true;
  int room = 0, needed = 0;
  return absl::SimpleAtoi(found.modifier, &room) && absl::SimpleAtoi(wanted.modifier, &needed) &&
         room >= needed;
}

// Precision and scale.
bool ReadModifier(const std::string& modifier, int* precision, int* scale) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(modifier, absl::MaxSplits(',', 1));
  *scale = 0;
  return absl::SimpleAtoi(parts.first, precision) &&
         (parts.second.empty() || absl::SimpleAtoi(parts.second, scale));
}

bool HoldsNumeric(const TypeName& found, const TypeName& wanted) {
  if (found.modifier.empty()) return true;
  int precision = 0, scale = 0, wanted_precision = 0, wanted_scale = 0;
  return ReadModifier(found.modifier, &precision, &scale) &&
         ReadModifier(wanted.modifier, &wanted_precision, &wanted_scale) && scale >= wanted_scale &&
         precision - scale >= wanted_precision - wanted_scale;
}

}  // namespace

std::string TypeName::ToString() const {
  const std::string plain = absl::StrCat(ElementName(*this), modifier.empty() ? "" : "(", modifier,
                                         modifier.empty() ? "" : ")", IsArray(*this) ? "[]" : "");
  return schema == "pg_catalog" ? plain : absl::StrCat(schema, ".", plain);
}

TypeName CatalogType(const schema::Column& column) {
  TypeName type{"pg_catalog", "", ""};
  if (column.type == schema::Type::kEnum) {
    type.schema = column.enum_type->schema;
    type.name = column.enum_type->name;
  } else if (column.type == schema::Type::kText && column.length_max > 0) {
    type.name = "varchar";
    type.modifier = absl::StrCat(column.length_max);
  } else {
    type.name = std::string(schema::InfoOf(column.type).catalog_name);
    if (column.precision > 0) type.modifier = absl::StrCat(column.precision, ",", column.scale);
  }
  if (column.array) type.name = "_" + type.name;
  return type;
}

bool Holds(const TypeName& found, const TypeName& wanted) {
  if (found == wanted) return true;
  if (found.schema != "pg_catalog" || wanted.schema != "pg_catalog") return false;
  if (IsArray(found) != IsArray(wanted)) return false;
  if (IsText(ElementName(found)) && IsText(ElementName(wanted))) return HoldsText(found, wanted);
  if (ElementName(found) == "numeric" && ElementName(wanted) == "numeric") {
    return HoldsNumeric(found, wanted);
  }
  return false;
}

std::string WhyNotEnough(const DatabaseColumn& found, const TypeName& wanted, bool not_null,
                         bool generated) {
  if (!Holds(found.type, wanted)) {
    return absl::StrCat("is of type ", found.type.ToString(), ", and the server needs ",
                        wanted.ToString());
  }
  if (found.generated && !generated) {
    return "is computed by the database, and the server writes it";
  }
  if (generated && !found.generated) return "is not computed by the database, as the schema says";
  // The server writes NULL where the schema allows it. The other way round it lacks nothing: the
  // server itself refuses a request without a value that the schema needs.
  if (found.not_null && !not_null) return "does not allow NULL, and the server needs that it does";
  return "";
}

}  // namespace tenantry::migrate
