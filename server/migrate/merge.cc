#include "server/migrate/merge.h"

#include <map>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/message_differencer.h"

namespace tenantry::migrate {
namespace {

using google::protobuf::util::MessageDifferencer;

class Merger {
 public:
  Merger(const Branch& ours, const Branch& theirs) : ours_(ours), theirs_(theirs) {}

  absl::StatusOr<v1::Snapshot> Run(const v1::Snapshot& base) {
    v1::Snapshot merged;
    MergeParts(
        base.enums(), ours_.model.enums(), theirs_.model.enums(), "",
        [](const v1::EnumType& type) { return type.proto_name(); },
        [this](const auto& a, const auto& b, const auto& c) { return MergeEnum(a, b, c); },
        merged.mutable_enums());
    MergeParts(
        base.tables(), ours_.model.tables(), theirs_.model.tables(), "",
        [](const v1::Table& table) {
          return table.number() == 0 ? table.proto_name() : absl::StrCat(table.number());
        },
        [this](const auto& a, const auto& b, const auto& c) { return MergeTable(a, b, c); },
        merged.mutable_tables());
    MergeParts(
        base.functions(), ours_.model.functions(), theirs_.model.functions(), "",
        [](const v1::Function& function) { return NameOf(function); }, Nothing<v1::Function>,
        merged.mutable_functions());
    MergeParts(
        base.views(), ours_.model.views(), theirs_.model.views(), "",
        [](const v1::View& view) {
          return view.number() == 0 ? view.proto_name() : absl::StrCat(view.number());
        },
        Nothing<v1::View>, merged.mutable_views());
    if (conflicts_.empty()) return merged;
    return absl::FailedPreconditionError(absl::StrCat(
        ours_.name, " and ", theirs_.name,
        " come from two branches, and both change the same. Remove one of them that no database "
        "has applied, and generate it again. Both change:\n  ",
        absl::StrJoin(conflicts_, "\n  ")));
  }

 private:
  template <typename Part>
  static bool Same(const Part* a, const Part* b) {
    if (a == nullptr || b == nullptr) return a == b;
    return MessageDifferencer::Equals(*a, *b);
  }

  // The part as it is after both, when at most one has changed it. Otherwise `both` says.
  template <typename Part, typename Both>
  std::optional<Part> MergePart(const Part* base, const Part* ours, const Part* theirs,
                                const std::string& what, Both both) {
    if (Same(base, theirs) || Same(ours, theirs)) {
      return ours == nullptr ? std::nullopt : std::optional<Part>(*ours);
    }
    if (Same(base, ours)) return theirs == nullptr ? std::nullopt : std::optional<Part>(*theirs);
    if (base != nullptr && ours != nullptr && theirs != nullptr) {
      if (std::optional<Part> merged = both(*base, *ours, *theirs)) return merged;
    }
    conflicts_.push_back(what);
    return std::nullopt;
  }

  // In the order of ours, then what theirs has more.
  template <typename Parts, typename Key, typename Both>
  void MergeParts(const Parts& base, const Parts& ours, const Parts& theirs,
                  const std::string& where, Key key, Both both, Parts* merged) {
    using Part = typename Parts::value_type;
    auto index = [&](const Parts& parts) {
      std::map<std::string, const Part*> map;
      for (const Part& part : parts) map[absl::StrCat(key(part))] = &part;
      return map;
    };
    auto find = [](const auto& map, const std::string& name) {
      auto found = map.find(name);
      return found == map.end() ? nullptr : found->second;
    };
    const auto in_base = index(base), in_ours = index(ours), in_theirs = index(theirs);
    auto add = [&](const Part& named, const std::string& name) {
      std::optional<Part> part =
          MergePart(find(in_base, name), find(in_ours, name), find(in_theirs, name),
                    absl::StrCat(where, NameOf(named)), both);
      if (part) *merged->Add() = *std::move(part);
    };
    for (const Part& part : ours) add(part, absl::StrCat(key(part)));
    for (const Part& part : theirs) {
      if (!in_ours.contains(absl::StrCat(key(part)))) add(part, absl::StrCat(key(part)));
    }
  }

  template <typename Part>
  static std::string NameOf(const Part& part) {
    if constexpr (std::is_same_v<Part, v1::EnumLabel>) {
      return part.label();
    } else if constexpr (std::is_same_v<Part, v1::Grant>) {
      return part.role();
    } else if constexpr (std::is_same_v<Part, v1::Table> || std::is_same_v<Part, v1::EnumType> ||
                         std::is_same_v<Part, v1::Function>) {
      return absl::StrCat(part.schema(), ".", part.name());
    } else {
      return part.name();
    }
  }

  // The part without what MergeParts merges.
  static v1::Table Head(v1::Table table) {
    table.clear_columns();
    table.clear_indexes();
    table.clear_foreign_keys();
    table.clear_checks();
    table.clear_policies();
    table.clear_grants();
    return table;
  }

  std::optional<v1::EnumType> MergeEnum(const v1::EnumType& base, const v1::EnumType& ours,
                                        const v1::EnumType& theirs) {
    auto head = [](v1::EnumType type) {
      type.clear_labels();
      return type;
    };
    const v1::EnumType base_head = head(base), our_head = head(ours), their_head = head(theirs);
    std::optional<v1::EnumType> merged =
        MergePart(&base_head, &our_head, &their_head, NameOf(ours), Nothing<v1::EnumType>);
    if (!merged) return ours;  // told already
    MergeParts(
        base.labels(), ours.labels(), theirs.labels(), NameOf(ours) + ".",
        [](const v1::EnumLabel& label) { return label.number(); }, Nothing<v1::EnumLabel>,
        merged->mutable_labels());
    std::sort(merged->mutable_labels()->begin(), merged->mutable_labels()->end(),
              [](const auto& a, const auto& b) { return a.number() < b.number(); });
    return merged;
  }

  std::optional<v1::Table> MergeTable(const v1::Table& base, const v1::Table& ours,
                                      const v1::Table& theirs) {
    const v1::Table base_head = Head(base), our_head = Head(ours), their_head = Head(theirs);
    std::optional<v1::Table> merged =
        MergePart(&base_head, &our_head, &their_head, NameOf(ours), Nothing<v1::Table>);
    if (!merged) return ours;  // told already
    const std::string where = NameOf(ours) + ".";
    auto name = [](const auto& part) { return part.name(); };
    MergeParts(
        base.columns(), ours.columns(), theirs.columns(), where,
        [](const v1::Column& column) { return column.number(); }, Nothing<v1::Column>,
        merged->mutable_columns());
    MergeParts(base.indexes(), ours.indexes(), theirs.indexes(), where, name, Nothing<v1::Index>,
               merged->mutable_indexes());
    MergeParts(base.foreign_keys(), ours.foreign_keys(), theirs.foreign_keys(), where, name,
               Nothing<v1::ForeignKey>, merged->mutable_foreign_keys());
    MergeParts(base.checks(), ours.checks(), theirs.checks(), where, name, Nothing<v1::Check>,
               merged->mutable_checks());
    MergeParts(base.policies(), ours.policies(), theirs.policies(), where, name,
               Nothing<v1::Policy>, merged->mutable_policies());
    MergeParts(
        base.grants(), ours.grants(), theirs.grants(), where,
        [](const v1::Grant& grant) { return grant.role(); }, Nothing<v1::Grant>,
        merged->mutable_grants());
    return merged;
  }

  template <typename Part>
  static std::optional<Part> Nothing(const Part&, const Part&, const Part&) {
    return std::nullopt;
  }

  const Branch& ours_;
  const Branch& theirs_;
  std::vector<std::string> conflicts_;
};

}  // namespace

absl::StatusOr<v1::Snapshot> Merge(const v1::Snapshot& base, const Branch& ours,
                                   const Branch& theirs) {
  return Merger(ours, theirs).Run(base);
}

}  // namespace tenantry::migrate
