#include "server/migrate/pull_names.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

// What is no letter, digit or underscore becomes an underscore.
std::string Plain(std::string_view name) {
  std::string plain;
  for (char c : name) plain += absl::ascii_isalnum(static_cast<unsigned char>(c)) ? c : '_';
  if (plain.empty() || absl::ascii_isdigit(static_cast<unsigned char>(plain[0]))) {
    plain.insert(0, "x");
  }
  return plain;
}

// The singular of the last word, as far as schema::Plural makes the same plural of it.
std::string Singular(const std::string& name) {
  std::vector<std::string> candidates;
  auto replace = [&](absl::string_view end, absl::string_view by) {
    if (!absl::EndsWith(name, end)) return;
    candidates.push_back(absl::StrCat(name.substr(0, name.size() - end.size()), by));
  };
  replace("people", "person");
  replace("children", "child");
  replace("ies", "y");
  replace("s", "");
  replace("es", "");
  for (std::string& candidate : candidates) {
    if (!candidate.empty() && schema::Plural(candidate) == name) return std::move(candidate);
  }
  return name;
}

}  // namespace

std::string MessageNameOf(std::string_view table) {
  std::string name = schema::CamelCase(Singular(FieldNameOf(table)));
  std::erase(name, '_');
  return name;
}

std::string FieldNameOf(std::string_view column) {
  const std::string plain = Plain(column);
  std::string name = schema::IsSnakeIdentifier(plain) ? plain : schema::SnakeCase(plain);
  // JSON libraries do not agree on a field that begins with an underscore.
  while (name.size() > 1 && name[0] == '_') name.erase(0, 1);
  return name;
}

std::string NameAfter(const std::string& name) {
  return schema::IsSnakeIdentifier(name) ? name : FieldNameOf(name);
}

std::string ConstantOf(std::string_view label) {
  const std::string name = absl::AsciiStrToUpper(FieldNameOf(label));
  return name.empty() ? "EMPTY" : name;
}

std::string FreeNames::Take(std::string name) {
  for (int n = 2; !taken_.insert(name).second; ++n) {
    const std::string next = absl::StrCat(name, n);
    if (taken_.insert(next).second) return next;
  }
  return name;
}

namespace {

std::string RelationKey(const std::vector<std::string>& fields, const std::string& target) {
  return absl::StrCat(absl::StrJoin(fields, ","), " ", target);
}

}  // namespace

Numbers::Numbers(const schema::Table* known) {
  if (known == nullptr) return;
  for (const schema::Column& column : known->columns) {
    columns_[column.name] = column.number();
    taken_.insert(column.number());
  }
  for (const schema::Relation& relation : known->relations) {
    std::vector<std::string> fields;
    for (const schema::Column* column : relation.columns) fields.push_back(column->field->name());
    const std::string& target = relation.target->message->full_name();
    if (!relation.many) relations_[RelationKey(fields, target)] = relation.number;
    taken_.insert(relation.number);
  }
  for (int i = 0; i < known->message->reserved_range_count(); ++i) {
    const auto* range = known->message->reserved_range(i);
    for (int number = range->start; number < range->end; ++number) taken_.insert(number);
  }
  for (const schema::UniqueKey& key : known->unique_keys) {
    keys_[key.name] = key.number;
    next_key_ = std::max(next_key_, key.number + 1);
  }
}

int Numbers::Of(const std::map<std::string, int>& given, const std::string& name) {
  auto found = given.find(name);
  if (found != given.end()) return found->second;
  constexpr int kReservedByProtobuf = 19000, kReservedEnd = 20000;
  while (taken_.contains(next_)) ++next_;
  if (next_ == kReservedByProtobuf) next_ = kReservedEnd;
  taken_.insert(next_);
  return next_;
}

int Numbers::OfRelation(const std::vector<std::string>& fields, const std::string& target) {
  return Of(relations_, RelationKey(fields, target));
}

int Numbers::OfKey(const std::string& name) {
  auto found = keys_.find(name);
  return found == keys_.end() ? next_key_++ : found->second;
}

}  // namespace tenantry::migrate
