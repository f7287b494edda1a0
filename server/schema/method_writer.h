// Writes the methods of one table, with the messages of their requests and replies.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/schema/derive.h"
#include "server/schema/file_writer.h"
#include "server/schema/kinds.h"
#include "server/schema/schema.h"

namespace tenantry::schema {

class MethodWriter {
 public:
  using Field = FileWriter::Field;

  // The service of the table is the last in `services`. What filters, orders and keys are goes to
  // `queries`.
  MethodWriter(const ApiLayout& api, const Table& table, FileWriter& services, FileWriter& queries);

  void AddMethod(const Kind& kind);

  // For the kinds.
  const ApiLayout& api() const { return api_; }
  const Table& table() const { return table_; }
  FileWriter& services() { return services_; }
  FileWriter& queries() { return queries_; }
  const std::string& one() const { return one_; }    // `contact`
  const std::string& many() const { return many_; }  // `contacts`
  std::string KeyNames() const;                      // `id`, or `tag_id, contact_id`

  // To the message that was added last.
  void AddField(const Field& field, absl::string_view comment) {
    services_.AddField(field, comment);
  }
  void AddKeyFields();
  void AddSelect(int number);
  // Only where the table can be searched.
  void AddSearch(int number);
  // What a write answers with.
  void AddWrittenSelect();
  void AddBatchSelect();  // the same of a batch
  void AddRequire();
  // Only where the table has one.
  void AddEtag();
  // Which rows are written, and how many at most.
  void AddManyRows();
  // `comment` says what its fields are for.
  void AddUpdateMask(int number, absl::string_view comment);
  void AddIncrement(int number);
  // Changes to rows that refer to the row.
  void AddChildren();
  // `to_do` is `The contact to make.`, or the like.
  void AddResource(absl::string_view to_do);
  void AddShowDeleted(int number, absl::string_view verb);
  // The requests of `kind`, `to_do` each.
  void AddEntries(const Kind& kind, absl::string_view to_do);

  Field Required(Field field);
  static Field Repeated(Field field);
  // The row, or rows, in a field.
  Field Resource(std::string name, int number) const;
  std::string RequestName(const Kind& kind) const;
  // What the package declares as `name`.
  std::string Local(absl::string_view name) const { return api_.Name(name); }
  // A sentence about a key that a new row may leave out; empty without one.
  std::string KeyHint() const;
  // The enum of the table's keys.
  std::string KeyEnum();

  // Replies. Each gives the full name of its type.
  std::string Row();    // the row
  std::string Empty();  // nothing
  // A message of its own, whose fields are to be added.
  std::string BeginReply(const Kind& kind);
  // The same with rows in it.
  std::string BeginRows(const Kind& kind, absl::string_view comment);
  // The same with the number of rows that were written.
  std::string BeginAffected(const Kind& kind);

 private:
  void AddRequest(const Kind& kind);
  std::string OutputHint() const;

  const ApiLayout& api_;
  const Table& table_;
  FileWriter& services_;
  FileWriter& queries_;
  const std::string one_;
  const std::string many_;
  std::set<const Kind*> requests_;  // that are there already
  bool has_children_ = false;
  bool has_increment_ = false;  // the same of what others share
  bool has_keys_ = false;
};

// What the requests of writes have, to the message that was added last.
void AddValidateOnly(FileWriter& services);
void AddRequestId(FileWriter& services);

}  // namespace tenantry::schema
