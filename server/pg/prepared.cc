#include "server/pg/prepared.h"

#include <iterator>

namespace tenantry::pg {

PreparedStatements::Use PreparedStatements::Get(std::string_view role, std::string_view text_name) {
  auto found = by_key_.find(Key(role, text_name));
  if (found != by_key_.end()) {
    Entries::iterator entry = found->second;
    if (entry != entries_.begin()) entries_.splice(entries_.begin(), entries_, entry);
    return {entry->id, entry->name.c_str(), false};
  }
  const std::uint64_t id = next_id_++;
  entries_.push_front({.id = id,
                       .role = std::string(role),
                       .text_name = std::string(text_name),
                       .name = std::string(text_name.substr(0, 40)) + "_" + std::to_string(id)});
  Entries::iterator entry = entries_.begin();
  by_key_.emplace(Key(entry->role, entry->text_name), entry);
  by_id_.emplace(id, entry);
  return {id, entry->name.c_str(), true};
}

void PreparedStatements::Confirm(std::uint64_t id) {
  if (auto found = by_id_.find(id); found != by_id_.end()) found->second->confirmed = true;
}

void PreparedStatements::Forget(std::uint64_t id) {
  if (auto found = by_id_.find(id); found != by_id_.end()) Erase(found->second);
}

std::optional<std::string> PreparedStatements::Evict() {
  if (size() <= max_) return std::nullopt;
  Entries::iterator last = std::prev(entries_.end());
  if (!last->confirmed) return std::nullopt;
  std::string name = std::move(last->name);
  Erase(last);
  return name;
}

void PreparedStatements::Erase(Entries::iterator entry) {
  by_key_.erase(Key(entry->role, entry->text_name));
  by_id_.erase(entry->id);
  entries_.erase(entry);
}

}  // namespace tenantry::pg
