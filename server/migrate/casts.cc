#include "server/migrate/casts.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

enum class Family {
  kBool,
  kInteger,  // integer, bigint
  kFloat,
  kNumeric,
  kText,
  kUuid,
  kDate,
  kTimestamp,
  kJson,
  kBytes,
  kEnum,
};

struct Type {
  std::string text;  // without `[]`
  bool array = false;
  Family family = Family::kEnum;
  int width = 0;  // bytes of numbers; characters of varchar, 0 for no limit
  int precision = 0, scale = 0;
};

bool ReadArguments(absl::string_view text, absl::string_view name, int* first, int* second) {
  if (!absl::ConsumePrefix(&text, name) || !absl::ConsumePrefix(&text, "(") ||
      !absl::ConsumeSuffix(&text, ")")) {
    return false;
  }
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits(',', 1));
  return absl::SimpleAtoi(parts.first, first) &&
         (parts.second.empty() || absl::SimpleAtoi(parts.second, second));
}

std::optional<Type> TypeOf(absl::string_view text, const v1::EnumType* enum_type) {
  Type type;
  type.array = absl::ConsumeSuffix(&text, "[]");
  type.text = std::string(text);
  static constexpr struct {
    absl::string_view name;
    Family family;
    int width;
  } kPlain[] = {{"boolean", Family::kBool, 1},
                {"integer", Family::kInteger, 4},
                {"bigint", Family::kInteger, 8},
                {"real", Family::kFloat, 4},
                {"double precision", Family::kFloat, 8},
                {"numeric", Family::kNumeric, 0},
                {"text", Family::kText, 0},
                {"uuid", Family::kUuid, 0},
                {"date", Family::kDate, 0},
                {"timestamptz", Family::kTimestamp, 0},
                {"jsonb", Family::kJson, 0},
                {"bytea", Family::kBytes, 0}};
  for (const auto& plain : kPlain) {
    if (text != plain.name) continue;
    type.family = plain.family;
    type.width = plain.width;
    return type;
  }
  int unused = 0;
  if (ReadArguments(text, "varchar", &type.width, &unused)) {
    type.family = Family::kText;
    return type;
  }
  if (ReadArguments(text, "numeric", &type.precision, &type.scale)) {
    type.family = Family::kNumeric;
    return type;
  }
  if (enum_type == nullptr) return std::nullopt;
  return type;
}

constexpr Hazard kMayFail = Hazard::kMayFailOnExistingRows;

// PostgreSQL changes only the catalog when every old value is one of the new type as it is.
bool IsSameOnDisk(const Type& from, const Type& to) {
  if (from.family != to.family) return false;
  if (from.family == Family::kText) {
    return to.width == 0 || (from.width != 0 && from.width <= to.width);
  }
  if (from.family == Family::kNumeric) {
    return to.precision == 0 ||
           (from.precision != 0 && from.scale == to.scale && from.precision <= to.precision);
  }
  return false;
}

class Caster {
 public:
  Caster(Type from, Type to, std::string column, const v1::EnumType* enum_from,
         const v1::EnumType* enum_to)
      : from_(std::move(from)),
        to_(std::move(to)),
        column_(std::move(column)),
        suffix_(to_.array ? "[]" : ""),
        enum_from_(enum_from),
        enum_to_(enum_to) {}

  std::optional<Cast> Run() {
    if (from_.array != to_.array) return BetweenArrays();
    if (IsSameOnDisk(from_, to_)) return Cast{.rewrites = false};
    if (from_.family == to_.family) return WithinFamily();
    if (to_.family == Family::kText) return ToText();
    if (from_.family == Family::kText) return FromText();
    if (IsNumber(from_) && IsNumber(to_)) return BetweenNumbers();
    return Others();
  }

 private:
  static bool IsNumber(const Type& type) {
    return type.family == Family::kInteger || type.family == Family::kFloat ||
           type.family == Family::kNumeric;
  }
  std::string To() const { return absl::StrCat("::", to_.text, suffix_); }
  std::string ThroughText() const { return absl::StrCat(column_, "::text", suffix_, To()); }
  Cast Rewrite(std::string expression, Hazards more = {}) const {
    more.insert(more.begin(), Hazard::kRewritesTable);
    return {std::move(expression), std::move(more)};
  }

  std::optional<Cast> WithinFamily() {
    switch (from_.family) {
      case Family::kText:
        return Rewrite("", {kMayFail});  // shorter: a longer text is refused
      case Family::kInteger:
        return Rewrite("", to_.width < from_.width ? Hazards{kMayFail} : Hazards{});
      case Family::kFloat:
      case Family::kNumeric:
        return BetweenNumbers();
      case Family::kEnum:
        return Rewrite(to_.array ? ThroughText() : ByNumber(), {kMayFail});
      default:
        return Rewrite("");
    }
  }

  std::optional<Cast> BetweenNumbers() {
    const bool exact = from_.family == Family::kInteger && to_.family == Family::kNumeric;
    if (exact && to_.precision == 0) return Rewrite("");
    if (exact) return Rewrite("", {kMayFail});
    if (from_.family == Family::kFloat && to_.family == Family::kFloat && to_.width == 8) {
      return Rewrite("");
    }
    return Rewrite(absl::StrCat(column_, To()), {Hazard::kCorrectness, kMayFail});
  }

  std::optional<Cast> ToText() {
    if (from_.family == Family::kBytes || from_.family == Family::kTimestamp) return std::nullopt;
    // Not a cast to varchar(n) by name: that would cut what is too long instead of refusing it.
    return Rewrite(absl::StrCat(column_, "::text", suffix_),
                   to_.width > 0 ? Hazards{kMayFail} : Hazards{});
  }

  std::optional<Cast> FromText() {
    if (to_.family == Family::kBytes || to_.family == Family::kTimestamp) return std::nullopt;
    return Rewrite(absl::StrCat(column_, To()), {kMayFail});
  }

  std::optional<Cast> Others() {
    if (to_.array) return std::nullopt;
    if (from_.family == Family::kBool && to_.family == Family::kInteger) {
      return Rewrite(absl::StrCat(column_, "::integer"));
    }
    if (from_.family == Family::kInteger && to_.family == Family::kBool) {
      return Rewrite(absl::StrCat("(", column_, " <> 0)"), {Hazard::kCorrectness});
    }
    if (from_.family == Family::kDate && to_.family == Family::kTimestamp) {
      return Rewrite(absl::StrCat("(", column_, "::timestamp AT TIME ZONE 'UTC')"));
    }
    if (from_.family == Family::kTimestamp && to_.family == Family::kDate) {
      return Rewrite(absl::StrCat("(", column_, " AT TIME ZONE 'UTC')::date"),
                     {Hazard::kCorrectness});
    }
    if (from_.family == Family::kEnum && to_.family == Family::kInteger) {
      return Rewrite(Choice(*enum_from_, /*to_numbers=*/true));
    }
    if (from_.family == Family::kInteger && to_.family == Family::kEnum) {
      return Rewrite(absl::StrCat("(", Choice(*enum_to_, /*to_numbers=*/false), ")", To()),
                     {Hazard::kCorrectness});
    }
    return std::nullopt;
  }

  // What a value is called may differ in the two types; its number is what clients know.
  std::string ByNumber() const {
    std::string choice;
    for (const v1::EnumLabel& label : enum_from_->labels()) {
      for (const v1::EnumLabel& now : enum_to_->labels()) {
        if (now.number() != label.number() || now.label() == label.label()) continue;
        absl::StrAppend(&choice, " WHEN ", schema::QuoteLiteral(label.label()), " THEN ",
                        schema::QuoteLiteral(now.label()));
      }
    }
    if (choice.empty()) return ThroughText();
    return absl::StrCat("(CASE ", column_, "::text", choice, " ELSE ", column_, "::text END)",
                        To());
  }

  // On the wire an enum and an integer are alike: the value's number.
  std::string Choice(const v1::EnumType& type, bool to_numbers) const {
    std::string choice = absl::StrCat("CASE ", column_, to_numbers ? "::text" : "");
    for (const v1::EnumLabel& label : type.labels()) {
      const std::string text = schema::QuoteLiteral(label.label());
      absl::StrAppend(&choice, " WHEN ", to_numbers ? text : absl::StrCat(label.number()), " THEN ",
                      to_numbers ? absl::StrCat(label.number()) : text);
    }
    return absl::StrCat(choice, " END");
  }

  // One value becomes an array of one, as on the wire. An array of several has no one value.
  std::optional<Cast> BetweenArrays() {
    if (from_.array || from_.text != to_.text) return std::nullopt;
    return Rewrite(absl::StrCat("CASE WHEN ", column_, " IS NULL THEN '{}'", To(), " ELSE ARRAY[",
                                column_, "] END"));
  }

  const Type from_, to_;
  const std::string column_, suffix_;
  const v1::EnumType* enum_from_;
  const v1::EnumType* enum_to_;
};

}  // namespace

std::optional<Cast> CastOf(const std::string& from, const std::string& to,
                           const std::string& column, const v1::EnumType* enum_from,
                           const v1::EnumType* enum_to) {
  std::optional<Type> old_type = TypeOf(from, enum_from), new_type = TypeOf(to, enum_to);
  if (!old_type || !new_type) return std::nullopt;
  return Caster(*old_type, *new_type, column, enum_from, enum_to).Run();
}

}  // namespace tenantry::migrate
