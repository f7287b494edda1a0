#include "server/migrate/part_match.h"

#include <algorithm>
#include <set>
#include <string>

#include "server/migrate/sql_text.h"

namespace tenantry::migrate {
namespace {

using Names = google::protobuf::RepeatedPtrField<std::string>;

template <typename Part>
class Matcher {
 public:
  using Parts = google::protobuf::RepeatedPtrField<Part>;
  Matcher(const Parts& before, const Parts& after) : before_(before), after_(after) {}

  // Pairs those without a partner that `same` takes for one.
  template <typename Same>
  void Pair(Same same) {
    for (const Part& after : after_) {
      if (taken_.contains(&after)) continue;
      for (const Part& before : before_) {
        if (taken_.contains(&before) || !same(before, after)) continue;
        pairs_.emplace_back(&before, &after);
        taken_.insert({&before, &after});
        break;
      }
    }
  }

  template <typename Number>
  PartPairs<Part> ByDefinition(Number number) {
    auto same_name = [](const Part& a, const Part& b) { return a.name() == b.name(); };
    auto same_number = [number](const Part& a, const Part& b) {
      return number(a) != 0 && number(a) == number(b);
    };
    auto defined = [](const Part& a, const Part& b) { return SameDefinition(a, b); };
    Pair([&](const Part& a, const Part& b) { return same_number(a, b) && defined(a, b); });
    Pair([&](const Part& a, const Part& b) { return same_name(a, b) && defined(a, b); });
    Pair(defined);
    return pairs();
  }

  PartPairs<Part> pairs() { return std::move(pairs_); }

 private:
  const Parts& before_;
  const Parts& after_;
  std::set<const Part*> taken_;
  PartPairs<Part> pairs_;
};

bool SameSet(const Names& a, const Names& b) {
  return std::set<std::string>(a.begin(), a.end()) == std::set<std::string>(b.begin(), b.end());
}

}  // namespace

bool SameNames(const Names& a, const Names& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

bool SameDefinition(const v1::Index& a, const v1::Index& b) {
  return a.unique() == b.unique() && a.method() == b.method() &&
         SameNames(a.columns(), b.columns()) && SameSql(a.where(), b.where());
}

bool SameDefinition(const v1::Check& a, const v1::Check& b) {
  return SameSql(a.expression(), b.expression());
}

bool SameDefinition(const v1::ForeignKey& a, const v1::ForeignKey& b) {
  return a.target_schema() == b.target_schema() && a.target_table() == b.target_table() &&
         a.on_delete() == b.on_delete() && SameNames(a.columns(), b.columns()) &&
         SameNames(a.target_columns(), b.target_columns()) &&
         SameSet(a.set_null_columns(), b.set_null_columns());
}

bool SameDefinition(const v1::Policy& a, const v1::Policy& b) {
  return a.command() == b.command() && SameSet(a.roles(), b.roles()) &&
         SameSql(a.using_sql(), b.using_sql()) && SameSql(a.with_check_sql(), b.with_check_sql());
}

PartPairs<v1::Index> MatchIndexes(const v1::Table& before, const v1::Table& after) {
  return Matcher<v1::Index>(before.indexes(), after.indexes())
      .ByDefinition([](const v1::Index& index) { return index.number(); });
}

PartPairs<v1::Check> MatchChecks(const v1::Table& before, const v1::Table& after) {
  return Matcher<v1::Check>(before.checks(), after.checks())
      .ByDefinition([](const v1::Check& check) { return check.column(); });
}

PartPairs<v1::ForeignKey> MatchForeignKeys(const v1::Table& before, const v1::Table& after) {
  return Matcher<v1::ForeignKey>(before.foreign_keys(), after.foreign_keys())
      .ByDefinition([](const v1::ForeignKey& key) { return key.number(); });
}

PartPairs<v1::Policy> MatchPolicies(const v1::Table& before, const v1::Table& after) {
  Matcher<v1::Policy> matcher(before.policies(), after.policies());
  auto same_name = [](const auto& a, const auto& b) { return a.name() == b.name(); };
  matcher.Pair(
      [&](const auto& a, const auto& b) { return same_name(a, b) && SameDefinition(a, b); });
  matcher.Pair([](const auto& a, const auto& b) { return SameDefinition(a, b); });
  matcher.Pair(
      [&](const auto& a, const auto& b) { return same_name(a, b) && a.command() == b.command(); });
  return matcher.pairs();
}

const void* ReferredKey(const v1::Table& target, const v1::ForeignKey& key) {
  if (SameSet(target.primary_key().columns(), key.target_columns())) return &target.primary_key();
  for (const v1::Index& index : target.indexes()) {
    if (index.unique() && index.where().empty() && SameSet(index.columns(), key.target_columns())) {
      return &index;
    }
  }
  return nullptr;
}

}  // namespace tenantry::migrate
