#include "tests/pg/migrate/random_schema.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tenantry::migrate {

const RandomSchema::Field* FieldOf(const RandomSchema::Table& table, int number) {
  for (const auto& field : table.fields) {
    if (field.number == number) return &field;
  }
  return nullptr;
}

namespace {

std::string Upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(c));
  return text;
}

bool IsText(const RandomSchema::Field& field) {
  return field.type == "string" && field.options.find("COLUMN_TYPE") == std::string::npos;
}

// What is no text any more is searched no more.
std::string SearchText(const RandomSchema::Table& table) {
  std::string columns;
  for (const auto& [number, weight] : table.searched) {
    const RandomSchema::Field& field = *FieldOf(table, number);
    if (!IsText(field)) continue;
    absl::StrAppend(&columns, " columns: { column: \"", field.name, "\" weight: SEARCH_WEIGHT_",
                    std::string(1, weight), " }");
  }
  return columns.empty() ? "" : absl::StrCat("search: {", columns, " }\n");
}

std::string KeyText(const RandomSchema::Table& table, const RandomSchema::Key& key) {
  std::string text = key.number > 0 ? absl::StrCat("unique: { number: ", key.number) : "indexes: {";
  for (int number : key.fields) {
    absl::StrAppend(&text, " columns: \"", FieldOf(table, number)->name, "\"");
  }
  if (!key.where.empty()) absl::StrAppend(&text, " where: \"", key.where, "\"");
  if (key.gin) absl::StrAppend(&text, " method: INDEX_METHOD_GIN");
  return text + " }\n";
}

}  // namespace

RandomSchema::RandomSchema(unsigned seed) : random_(seed) {
  state_.enums.push_back({"Kind", {{1, "A"}, {2, "B"}}});
  AddTable();
  AddTable();
  before_ = state_;
}

RandomSchema::Table* RandomSchema::Find(int number) {
  for (Table& table : state_.tables) {
    if (table.number == number) return &table;
  }
  return nullptr;
}

std::string RandomSchema::FreshName(const std::string& prefix) {
  return absl::StrCat(prefix, state_.next_name++);
}

std::string RandomSchema::TypeAtRandom() {
  static const char* const kTypes[] = {"string", "int32",  "int64",
                                       "bool",   "double", "bytes",
                                       "float",  "enum",   "google.protobuf.Timestamp"};
  std::string type = kTypes[Pick(std::size(kTypes))];
  if (type == "enum") {
    return state_.enums.empty() ? "string" : state_.enums[Pick(state_.enums.size())].name;
  }
  if (type != "google.protobuf.Timestamp" && type != "bytes" && Chance(15)) {
    return "repeated " + type;
  }
  return type;
}

RandomSchema::Field RandomSchema::NewField() {
  Field field;
  field.number = state_.next_number++;
  field.name = FreshName("f");
  field.type = TypeAtRandom();
  const bool message = field.type == "google.protobuf.Timestamp";
  const bool repeated = field.type.rfind("repeated", 0) == 0;
  field.optional = !message && !repeated && Chance(60);
  if (field.type == "string" && Chance(40)) {
    field.options = absl::StrCat("max_length: ", 5 + Pick(30));
  } else if (field.type == "string" && Chance(30)) {
    field.options =
        Chance(50) ? "type: COLUMN_TYPE_NUMERIC precision: 12 scale: 2" : "type: COLUMN_TYPE_DATE";
  } else if (field.type == "int32" && field.optional && Chance(40)) {
    field.options = "default_value: \"7\" not_null: true";
  } else if (field.type == "int64" && Chance(40)) {
    field.options = "minimum: 0";
  } else if (Chance(30)) {
    field.options = RuleAtRandom(field.type);
  }
  return field;
}

void RandomSchema::AddTable() {
  Table table;
  table.number = state_.next_number++;
  table.message = FreshName("Thing");
  table.name = FreshName("things");
  for (int i = 1 + Pick(4); i > 0; --i) table.fields.push_back(NewField());
  if (!state_.tables.empty() && Chance(70)) {
    const Table& target = state_.tables[Pick(state_.tables.size())];
    Field field;
    field.number = state_.next_number++;
    field.name = FreshName("ref");
    field.type = "string";
    field.options = "type: COLUMN_TYPE_UUID";
    field.optional = true;
    table.fields.push_back(field);
    table.relations.push_back({state_.next_number++, target.number, field.number,
                               Chance(50) ? "ON_DELETE_CASCADE" : "ON_DELETE_RESTRICT"});
    table.keys.push_back({0, {field.number}, "", false});
  }
  last_edit_ += "new table; ";
  state_.tables.push_back(std::move(table));
}

void RandomSchema::Drop(Table& table, int number) {
  auto uses = [&](const Key& key) {
    return std::count(key.fields.begin(), key.fields.end(), number) > 0;
  };
  std::erase_if(table.keys, uses);
  std::erase_if(table.relations, [&](const Relation& r) { return r.field == number; });
  const std::string name = FieldOf(table, number)->name;
  std::erase_if(table.policies,
                [&](const auto& p) { return p.second.find(name) != std::string::npos; });
  std::erase_if(table.checks,
                [&](const auto& c) { return c.second.find(name) != std::string::npos; });
  table.searched.erase(number);
  std::erase_if(table.rules, [&](const Rule& r) {
    return std::count(r.fields.begin(), r.fields.end(), number) > 0;
  });
  for (View& view : state_.views) std::erase(view.fields, number);
  std::erase_if(table.fields, [&](const Field& f) { return f.number == number; });
}

void RandomSchema::EditField(Table& table) {
  const int what = Pick(100);
  if (table.fields.empty() || what < 25) {
    table.fields.push_back(NewField());
    last_edit_ += "new field; ";
    return;
  }
  Field& field = table.fields[Pick(table.fields.size())];
  const bool refers = field.name.rfind("ref", 0) == 0;
  if (what < 40) {
    last_edit_ += "dropped field " + field.name + "; ";
    Drop(table, field.number);
  } else if (what < 60) {
    // Also in the conditions that name it.
    const std::string fresh = FreshName(refers ? "ref" : "f");
    for (auto* conditions : {&table.policies, &table.checks}) {
      for (auto& [name, sql] : *conditions) {
        const std::size_t at = sql.find(field.name);
        if (at != std::string::npos) sql.replace(at, field.name.size(), fresh);
      }
    }
    for (Key& key : table.keys) {
      const std::size_t at = key.where.find(field.name + " ");
      if (at == 0) key.where.replace(0, field.name.size(), fresh);
    }
    last_edit_ += "renamed field " + field.name + "; ";
    // Now and then another new field takes the old name.
    const std::string old = field.name;
    field.name = fresh;
    if (Chance(30) && !refers) {
      table.fields.push_back(NewField());
      table.fields.back().name = old;
      last_edit_ += "its name taken by a new one; ";
    }
  } else if (what < 70 && table.fields.size() > 1) {
    Field& other = table.fields[Pick(table.fields.size())];
    if (other.name.rfind("ref", 0) == 0 || refers) return;
    if (!table.policies.empty() || !table.checks.empty()) return;
    std::swap(field.name, other.name);
    last_edit_ += "swapped " + field.name + " and " + other.name + "; ";
  } else if (what < 85 && !refers) {
    table.policies.clear();
    table.checks.clear();
    const Field fresh = NewField();
    static const char* const kEasy[] = {"string", "int32", "int64", "bool"};
    const std::string now = kEasy[Pick(std::size(kEasy))];
    if (field.type.rfind("repeated", 0) == 0 || field.type == "bytes" || field.type == "float" ||
        field.type == "double" || field.type == "google.protobuf.Timestamp") {
      return;
    }
    if (field.type == "bool" && (now == "int64" || now == "bool")) return;
    if (field.type != "string" && field.type != "int32" && now == "bool") return;
    if (field.options.find("DATE") != std::string::npos && now != "string") return;
    if (field.options.find("NUMERIC") != std::string::npos && now == "bool") return;
    const bool is_enum = field.type.rfind("Kind", 0) == 0;
    if (is_enum && now == "int64") return;
    for (Key& key : table.keys) key.where.clear();
    last_edit_ += "retyped " + field.name + "; ";
    field.type = now;
    field.options = now == "string" && Chance(50) ? "max_length: 40" : "";
  } else {
    if (field.type.rfind("repeated", 0) == 0 || field.type == "google.protobuf.Timestamp") return;
    if (refers) return;
    field.optional = !field.optional;
    if (field.options.find("not_null") != std::string::npos) field.options.clear();
    last_edit_ += "optional changed of " + field.name + "; ";
  }
}

void RandomSchema::EditKeys(Table& table) {
  if (!table.keys.empty() && Chance(35)) {
    Key& key = table.keys[Pick(table.keys.size())];
    const bool serves = std::any_of(table.relations.begin(), table.relations.end(), [&](auto& r) {
      return std::count(key.fields.begin(), key.fields.end(), r.field) > 0;
    });
    if (serves) return;
    last_edit_ += "dropped a key; ";
    const int number = key.number;
    std::erase_if(table.keys, [&](const Key& k) { return &k == &key; });
    if (number > 0 && Chance(30)) last_edit_ += "";
    return;
  }
  if (table.fields.empty()) return;
  Key key;
  key.number = Chance(50) ? 2 + state_.next_number++ : 0;
  for (int i = 1 + Pick(2); i > 0; --i) {
    const Field& field = table.fields[Pick(table.fields.size())];
    const bool fits = field.type.rfind("repeated", 0) != 0;
    if (fits && !std::count(key.fields.begin(), key.fields.end(), field.number)) {
      key.fields.push_back(field.number);
    }
  }
  if (key.fields.empty()) return;
  if (key.number == 0 && Chance(30)) {
    key.where = absl::StrCat(FieldOf(table, key.fields[0])->name, " IS NOT NULL");
  }
  for (const Key& other : table.keys) {
    if (other.fields == key.fields) return;
  }
  last_edit_ += "new key; ";
  table.keys.push_back(key);
}

void RandomSchema::EditTable(Table& table) {
  switch (Pick(9)) {
    case 0:
      table.name = FreshName("things");
      last_edit_ += "renamed table; ";
      break;
    case 1:
      table.message = FreshName("Thing");
      last_edit_ += "renamed message; ";
      break;
    case 2:
      if (state_.tables.size() > 1) std::swap(table.name, state_.tables.front().name);
      last_edit_ += "swapped tables; ";
      break;
    case 3:
      if (!table.fields.empty()) {
        const std::string& column = table.fields[Pick(table.fields.size())].name;
        table.policies[FreshName("policy")] = absl::StrCat(column, " IS NOT NULL");
        last_edit_ += "new policy; ";
      }
      break;
    case 4:
      if (!table.policies.empty()) table.policies.begin()->second = "id IS NOT NULL";
      last_edit_ += "changed policy; ";
      break;
    case 5:
      if (!table.fields.empty()) {
        const std::string& column = table.fields[Pick(table.fields.size())].name;
        table.checks[FreshName("check")] = absl::StrCat(column, " IS NULL OR id IS NOT NULL");
        last_edit_ += "new check; ";
      }
      break;
    case 6:
      EditSearch(table);
      break;
    default:
      EditRules(table);
      break;
  }
}

void RandomSchema::EditSearch(Table& table) {
  if (Chance(25)) {
    table.searched.clear();
    last_edit_ += "no search; ";
    return;
  }
  for (const Field& field : table.fields) {
    if (IsText(field) && table.searched.size() < 3 && Chance(50)) {
      table.searched[field.number] = static_cast<char>('A' + Pick(4));
      last_edit_ += "search; ";
    }
  }
}

void RandomSchema::EditEnum() {
  if (state_.enums.empty() || Chance(15)) {
    state_.enums.push_back({FreshName("Kind"), {{1, FreshName("L")}}});
    last_edit_ += "new enum; ";
    return;
  }
  Enum& type = state_.enums[Pick(state_.enums.size())];
  const int what = Pick(4);
  if (what == 0) {
    type.labels[1 + Pick(9)] = FreshName("L");
    last_edit_ += "new or renamed label; ";
  } else if (what == 1 && type.labels.size() > 1) {
    type.labels.erase(std::prev(type.labels.end()));
    last_edit_ += "dropped label; ";
  } else if (what == 2 && type.labels.size() > 1) {
    std::swap(type.labels.begin()->second, std::prev(type.labels.end())->second);
    last_edit_ += "swapped labels; ";
  } else {
    const std::string fresh = FreshName("Kind");
    for (Table& table : state_.tables) {
      for (Field& field : table.fields) {
        if (field.type == type.name) field.type = fresh;
        if (field.type == "repeated " + type.name) field.type = "repeated " + fresh;
      }
    }
    type.name = fresh;
    last_edit_ += "renamed enum; ";
  }
}

void RandomSchema::EditOnce() {
  const int what = Pick(100);
  Table& table = state_.tables[Pick(state_.tables.size())];
  if (what < 45) return EditField(table);
  if (what < 60) return EditKeys(table);
  if (what < 75) return EditTable(table);
  if (what < 83) return EditEnum();
  if (what < 90) return EditView();
  if (what < 95 || state_.tables.size() == 1) {
    if (state_.tables.size() < 6) AddTable();
    return;
  }
  const int number = table.number;
  for (Table& other : state_.tables) {
    std::erase_if(other.relations, [&](const Relation& r) { return r.target == number; });
  }
  DropViewsOf(number);
  std::erase_if(state_.tables, [&](const Table& t) { return t.number == number; });
  last_edit_ += "dropped table; ";
}

void RandomSchema::Edit() {
  before_ = state_;
  last_edit_.clear();
  for (int i = 1 + Pick(3); i > 0; --i) EditOnce();
}

void RandomSchema::Undo() {
  const int number = state_.next_number, name = state_.next_name;
  state_ = before_;
  state_.next_number = number;
  state_.next_name = name;
}

std::string RandomSchema::Text() const {
  std::string text;
  for (const Enum& type : state_.enums) {
    const std::string prefix = Upper(type.name);
    absl::StrAppend(&text, "enum ", type.name, " { ", prefix, "_UNSPECIFIED = 0;");
    for (const auto& [number, label] : type.labels) {
      absl::StrAppend(&text, " ", prefix, "_", label, " = ", number, ";");
    }
    absl::StrAppend(&text, " }\n");
  }
  for (const Table& table : state_.tables) {
    absl::StrAppend(&text, "message ", table.message,
                    " {\noption (tenantry.v1.table) = { number: ", table.number, " name: \"",
                    table.name, "\"\n");
    for (const Key& key : table.keys) absl::StrAppend(&text, KeyText(table, key));
    for (const Relation& relation : table.relations) {
      auto target = std::find_if(state_.tables.begin(), state_.tables.end(),
                                 [&](const Table& t) { return t.number == relation.target; });
      absl::StrAppend(&text, "relations: { name: \"rel", relation.number,
                      "\" number: ", relation.number + 1000, " table: \"", target->message,
                      "\" columns: \"", FieldOf(table, relation.field)->name,
                      "\" on_delete: ", relation.on_delete, " }\n");
    }
    for (const auto& [name, sql] : table.policies) {
      absl::StrAppend(&text, "policies: { name: \"", name, "\" using: \"", sql, "\" }\n");
    }
    for (const auto& [name, sql] : table.checks) {
      absl::StrAppend(&text, "checks: { name: \"", name, "\" expression: \"", sql, "\" }\n");
    }
    for (const Rule& rule : table.rules) absl::StrAppend(&text, RuleText(table, rule));
    absl::StrAppend(&text, SearchText(table));
    absl::StrAppend(&text,
                    "};\nstring id = 1000 [(tenantry.v1.column) = { type: COLUMN_TYPE_UUID "
                    "managed: MANAGED_ID }];\n");
    for (const Field& field : table.fields) {
      absl::StrAppend(&text, field.optional ? "optional " : "", field.type, " ", field.name, " = ",
                      field.number);
      if (!field.options.empty()) {
        absl::StrAppend(&text, " [(tenantry.v1.column) = { ", field.options, " }]");
      }
      absl::StrAppend(&text, ";\n");
    }
    absl::StrAppend(&text, "}\n");
  }
  for (const View& view : state_.views) absl::StrAppend(&text, ViewText(view));
  return text;
}

}  // namespace tenantry::migrate
