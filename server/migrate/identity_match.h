// Which part of one snapshot is which part of another, whatever their names are.
#pragma once

#include <map>
#include <set>
#include <string>

#include "tenantry/migrate/v1/snapshot.pb.h"

namespace tenantry::migrate {

// Pairs the parts of two snapshots: by their numbers, else by the names of what declares them, else
// by their names in the database. The last finds what was moved to another proto package. Parts
// whose numbers differ are not the same, whatever they are called.
template <typename Part>
class Pairs {
 public:
  using Parts = google::protobuf::RepeatedPtrField<Part>;

  Pairs(const Parts& before, const Parts& after) {
    Pair(before, after, [](const Part& part) {
      const int number = NumberOf(part);
      return number == 0 ? std::string() : std::to_string(number);
    });
    Pair(before, after, [](const Part& part) { return part.proto_name(); });
    Pair(before, after, [](const Part& part) { return part.schema() + "." + part.name(); });
  }

  // What `after` was; null when it is new.
  const Part* Before(const Part& after) const {
    auto found = before_.find(&after);
    return found == before_.end() ? nullptr : found->second;
  }
  // Whether `before` is still there.
  bool Kept(const Part& before) const { return kept_.contains(&before); }
  // Says that two parts are the same, unless one of them has a partner.
  void PairIfAlone(const Part& before, const Part& after) {
    if (Kept(before) || Before(after) != nullptr) return;
    before_.emplace(&after, &before);
    kept_.insert(&before);
  }

 private:
  static int NumberOf(const tenantry::migrate::v1::Table& table) { return table.number(); }
  static int NumberOf(const tenantry::migrate::v1::View& view) { return view.number(); }
  static int NumberOf(const tenantry::migrate::v1::EnumType&) { return 0; }

  static bool MayBeSame(const Part& a, const Part& b) {
    return NumberOf(a) == 0 || NumberOf(b) == 0 || NumberOf(a) == NumberOf(b);
  }

  // Pairs those parts that have no partner yet. An empty key pairs nothing.
  template <typename Key>
  void Pair(const Parts& before, const Parts& after, Key key) {
    std::map<std::string, const Part*> by_key;
    for (const Part& part : before) {
      if (!Kept(part) && !key(part).empty()) by_key.emplace(key(part), &part);
    }
    for (const Part& part : after) {
      if (Before(part) != nullptr) continue;
      auto found = by_key.find(key(part));
      if (found == by_key.end() || !MayBeSame(*found->second, part)) continue;
      before_.emplace(&part, found->second);
      kept_.insert(found->second);
      by_key.erase(found);
    }
  }

  std::map<const Part*, const Part*> before_;
  std::set<const Part*> kept_;
};

}  // namespace tenantry::migrate
