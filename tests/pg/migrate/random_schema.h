// A schema that changes at random, as a team would change it in years.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

namespace tenantry::migrate {

class RandomSchema {
 public:
  explicit RandomSchema(unsigned seed);

  // The messages and enums of the schema, for SchemaFromText.
  std::string Text() const;
  // One to three edits.
  void Edit();
  void Undo();
  // What the last Edit did.
  const std::string& last_edit() const { return last_edit_; }

  struct Field {
    int number;
    std::string name, type;  // type: `string`, `repeated int32`, `Kind0`, with options
    std::string options;
    bool optional = false;
  };
  struct Key {
    int number;  // 0: an index
    std::vector<int> fields;
    std::string where;
    bool gin = false;
  };
  struct Relation {
    int number, target, field;  // numbers of table and field
    std::string on_delete;
  };
  // Over several columns: at least one of them has a value.
  struct Rule {
    std::string name;
    std::vector<int> fields;
  };
  struct Table {
    int number;
    std::string message, name;
    std::vector<Field> fields;
    std::vector<Key> keys;
    std::vector<Relation> relations;
    std::map<std::string, std::string> policies;  // name -> using
    std::map<std::string, std::string> checks;
    std::map<int, char> searched;  // field -> weight; empty: no search
    std::vector<Rule> rules;
  };
  // Some columns of a table, or of a view of it with the same columns.
  struct View {
    int number, table;
    int of = 0;  // a view's number; 0: the table itself
    std::string message, name, where;
    std::vector<int> fields;
  };
  struct Enum {
    std::string name;
    std::map<int, std::string> labels;
  };
  struct State {
    std::vector<Table> tables;
    std::vector<Enum> enums;
    std::vector<View> views;
    int next_number = 1, next_name = 1;
  };

 private:
  int Pick(int below) { return static_cast<int>(random_() % below); }
  bool Chance(int percent) { return Pick(100) < percent; }
  std::string FreshName(const std::string& prefix);
  Field NewField();
  std::string TypeAtRandom();
  std::string RuleAtRandom(const std::string& type);
  void AddTable();
  void EditOnce();
  void EditField(Table& table);
  void EditKeys(Table& table);
  void EditTable(Table& table);
  void EditSearch(Table& table);
  void EditEnum();
  void EditRules(Table& table);
  void EditView();
  void AddView();
  void DropViewsOf(int table);
  std::string ViewText(const View& view) const;
  void Drop(Table& table, int field);
  Table* Find(int number);

  std::mt19937 random_;
  State state_, before_;
  std::string last_edit_;
};

// Null when the table has none of the number.
const RandomSchema::Field* FieldOf(const RandomSchema::Table& table, int number);
std::string RuleText(const RandomSchema::Table& table, const RandomSchema::Rule& rule);

}  // namespace tenantry::migrate
