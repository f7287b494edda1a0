#include "server/migrate/diff_context.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/migrate/emit.h"

namespace tenantry::migrate {
namespace {

constexpr char kOwnersPolicy[] = "tenantry_migrate";

std::string ElementType(const std::string& type) {
  return std::string(absl::StripSuffix(type, "[]"));
}

template <typename Map, typename Key>
auto Find(const Map& map, const Key& key) {
  auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

}  // namespace

std::string TableKey(const std::string& schema, const std::string& name) {
  return absl::StrCat("table ", schema, ".", name);
}

std::string IndexKey(const std::string& schema, const std::string& name) {
  return absl::StrCat("index ", schema, ".", name);
}

std::string GoneKey(const std::string& index_key) { return absl::StrCat("gone ", index_key); }

Statement OpenRowsStatement(const v1::Table& table) {
  Statement open{absl::StrCat("CREATE POLICY ", kOwnersPolicy, " ON ", QualifiedName(table),
                              " TO CURRENT_USER USING (true) WITH CHECK (true)"),
                 {Hazard::kAcquiresAccessExclusiveLock}};
  open.note =
      "Row-level security hides the rows from their owner too. This shows them to the owner, and\n"
      "to nobody else, until what needs them is done.";
  return open;
}

Statement CloseRowsStatement(const v1::Table& table) {
  return {absl::StrCat("DROP POLICY ", kOwnersPolicy, " ON ", QualifiedName(table)),
          {Hazard::kAcquiresAccessExclusiveLock}};
}

DiffContext::DiffContext(const v1::Snapshot& middle, const v1::Snapshot& to, Steps& steps,
                         std::vector<Change>& changes, std::vector<std::string>& impossible)
    : middle_(middle), to_(to), steps_(steps), changes_(changes), impossible_(impossible) {
  for (const v1::Table& table : middle.tables()) before_[{table.schema(), table.name()}] = &table;
  for (const v1::Table& table : to.tables()) after_[{table.schema(), table.name()}] = &table;
  for (const v1::EnumType& type : middle.enums()) enums_before_[QualifiedName(type)] = &type;
  for (const v1::EnumType& type : to.enums()) enums_after_[QualifiedName(type)] = &type;
}

const v1::Table* DiffContext::Before(const std::string& schema, const std::string& name) const {
  return Find(before_, Name(schema, name));
}

const v1::Table* DiffContext::After(const std::string& schema, const std::string& name) const {
  return Find(after_, Name(schema, name));
}

const v1::EnumType* DiffContext::EnumBefore(const std::string& type) const {
  return Find(enums_before_, ElementType(type));
}

const v1::EnumType* DiffContext::EnumAfter(const std::string& type) const {
  return Find(enums_after_, ElementType(type));
}

void DiffContext::MarkRebuilt(const v1::EnumType& type) { rebuilt_.insert(QualifiedName(type)); }

bool DiffContext::IsRebuilt(const std::string& type) const {
  return rebuilt_.contains(ElementType(type));
}

std::string DiffContext::OpenRows(const v1::Table& table) {
  const std::string name = QualifiedName(table);
  const std::string key = absl::StrCat("rows of ", name);
  if (!opened_.insert(name).second) return key;
  Add({Phase::kAttach, OpenRowsStatement(table), {key}});
  Add({Phase::kDetachOld, CloseRowsStatement(table), {}, {}, {key}});
  return key;
}

}  // namespace tenantry::migrate
