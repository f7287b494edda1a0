// Which statements one connection has prepared: names by (role, text), the least recently used goes
// first. Bookkeeping only; the messages are sent by Pipeline.
//
// A name is never used twice on a connection, so a statement that is prepared again after a failure
// cannot be mistaken for its predecessor.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace tenantry::pg {

class PreparedStatements {
 public:
  explicit PreparedStatements(int max) : max_(max) {}

  struct Use {
    std::uint64_t id;
    const char* name;  // valid until the statement is forgotten or evicted
    bool made;         // not known before: Parse has to be sent first
  };
  // Row-level security is part of a plan, so each role has a statement of its own.
  Use Get(std::string_view role, std::string_view text_name);

  // Known, or more may be made without an eviction.
  bool HasRoomFor(std::string_view role, std::string_view text_name) const {
    return size() < max_ || by_key_.contains(Key(role, text_name));
  }

  // The server has it: it may be evicted from now on. (Before, a DEALLOCATE could fail.)
  void Confirm(std::uint64_t id);
  // The server does not have it.
  void Forget(std::uint64_t id);
  // When there are more than `max`: forgets the one used longest ago and gives the name to
  // deallocate.
  std::optional<std::string> Evict();

  int size() const { return static_cast<int>(by_key_.size()); }

 private:
  struct Entry {
    std::uint64_t id;
    std::string role, text_name;
    std::string name;
    bool confirmed = false;
  };
  using Entries = std::list<Entry>;  // most recently used first
  using Key = std::pair<std::string_view, std::string_view>;

  void Erase(Entries::iterator entry);

  const int max_;
  std::uint64_t next_id_ = 1;
  Entries entries_;
  absl::flat_hash_map<Key, Entries::iterator> by_key_;  // keys point into the entries
  absl::flat_hash_map<std::uint64_t, Entries::iterator> by_id_;
};

}  // namespace tenantry::pg
