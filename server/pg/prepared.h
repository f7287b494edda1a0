// The prepared statements of one connection: their names by role and text. When there are too many,
// the least recently used is dropped. This is bookkeeping only; Pipeline sends the messages.
//
// A name is never used twice on a connection, so a statement that is prepared again after a failure
// cannot be mistaken for the one before.
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
    bool made;         // it is new: Parse has to be sent first
  };
  // Row-level security is part of a plan, so each role has statements of its own.
  Use Get(std::string_view role, std::string_view text_name);

  // True when the statement is known, or one more may be made without an eviction.
  bool HasRoomFor(std::string_view role, std::string_view text_name) const {
    return size() < max_ || by_key_.contains(Key(role, text_name));
  }

  // The server has prepared it. It may be evicted from now on; before, DEALLOCATE could fail.
  void Confirm(std::uint64_t id);
  // The server does not have it.
  void Forget(std::uint64_t id);
  // When there are more than `max`, forgets the least recently used one and returns its name, which
  // is to be deallocated.
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
